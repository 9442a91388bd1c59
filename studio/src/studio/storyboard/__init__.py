"""The storyboard of a project: images under scenes, made many at a time."""
