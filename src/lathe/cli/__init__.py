"""The command `lathe`: one file for each command, one error boundary (`app.main`)."""
