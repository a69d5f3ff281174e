"""Where letters, tickets and replies are kept: tables, every query, blobs, migrations."""
