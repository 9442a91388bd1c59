"""Tests of what routes, jobs and commands are built on."""
