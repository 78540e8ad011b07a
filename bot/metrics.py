"""What Laurel counts of itself, for /metrics; nothing here says who or what."""

from prometheus_client import Counter, Histogram, Info

from bot import VERSION

deliveries = Counter(
    "laurel_deliveries",
    "Attempts to send something to Slack, direct messages apart, by what it was and what came of it.",
    ["kind", "outcome"],  # outcome: sent, retried, dead
)
delivery_seconds = Histogram(
    "laurel_delivery_seconds",
    "Seconds until Slack had what was to be posted, changed or uploaded, direct messages apart.",
    ["kind"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400),
)
answer_seconds = Histogram(
    "laurel_answer_seconds",
    "Seconds until a request of Slack was answered, by what it was and how that ended.",
    ["kind", "outcome"],  # outcome: answered, in_doubt, silent, busy
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 3),
)
dropped = Counter(
    "laurel_follow_ups_dropped", "What could not be done after an answer, for lack of threads."
)
Info("laurel_build", "Which Laurel this is.").info({"version": VERSION})
