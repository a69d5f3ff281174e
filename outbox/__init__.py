"""Which reply leaves, how it is composed, and how it is sent."""
