"""Random programs on tracked documents: each step is done with Indelible and in the model, and both are compared."""
