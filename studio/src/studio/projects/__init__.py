"""Projects: what a writer creates, opens, imports and exports."""
