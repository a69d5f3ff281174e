"""The walls of the house: settings, errors, logs, the daemon's tasks. Knows nothing of letters."""
