"""The history of the tables, and how a database gets to the newest."""
