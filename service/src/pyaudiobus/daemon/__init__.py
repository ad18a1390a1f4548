"""audiobusd: mechanism only. Sockets, objects, permissions, devices; who plays where is policy's."""
