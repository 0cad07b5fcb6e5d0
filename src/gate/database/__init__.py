"""Everything about PostgreSQL itself: the private server, connections, notifications, partitions. Knows no room."""
