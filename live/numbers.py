"""Numbers about the streams, for Prometheus. What each means stands in docs/operations.md."""

from prometheus_client import Counter, Gauge, Histogram

from app.platform.metrics import QUICK

STREAMS = Gauge("backroom_live_streams", "Open streams", ["kind"], multiprocess_mode="livesum")
TOLD = Counter("backroom_live_news", "News sent to listeners", ["kind"])
ENDED = Counter("backroom_live_streams_ended", "Streams that were over", ["kind", "reason"])
REFUSED = Counter("backroom_live_refused", "Streams that were not opened", ["code"])
LOOKS = Counter("backroom_live_looks", "Times that the log was looked at, for all listeners", ["outcome"])
DELAY = Histogram("backroom_live_delay_seconds", "From a fact to its listeners", ["of"], buckets=QUICK)
