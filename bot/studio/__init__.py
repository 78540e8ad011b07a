"""The Studio: where badge admins make, change and retire badges without leaving Slack."""
