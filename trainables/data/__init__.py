"""Data sets as read-only arrays, and where they come from. Not here: batches on a device (`trainables.training`)."""
