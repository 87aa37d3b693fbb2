"""Cluster files: reading, checks by vendor, pricing, submitting. Not here: Ray on this machine (`study.execution`)."""
