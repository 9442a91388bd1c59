"""What each kind of database can do to a stored document by itself: one module each, all with the same names."""
