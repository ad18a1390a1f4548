"""audiobus-session: events in, questions to policy, commands out. It decides nothing itself and owns no sound."""
