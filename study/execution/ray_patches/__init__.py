"""All that reaches into private names of Ray, for the versions that it was tested with."""
