"""The staff's window on the queue."""
