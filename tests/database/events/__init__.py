"""History and events of documents."""
