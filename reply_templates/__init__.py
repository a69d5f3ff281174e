"""The letters we write: their texts and the strict renderer."""
