"""The tests: a package, so that a stranger's package of this name never stands for it."""
