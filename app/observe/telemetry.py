"""Traces by OpenTelemetry; needs the extra `telemetry`."""

from importlib.util import find_spec
from typing import Final

from fastapi import FastAPI

from geo.errors import OptionError

_NEEDED: Final = "opentelemetry.instrumentation.fastapi"


def trace(app: FastAPI) -> None:
    """Send a trace of each request to where `OTEL_EXPORTER_OTLP_ENDPOINT` says.

    Raises OptionError where the packages are not installed.
    """
    if find_spec("opentelemetry") is None or find_spec(_NEEDED) is None:
        raise OptionError(
            "BAILIWICK_TELEMETRY is set, but OpenTelemetry is not installed",
            hint="Install bailiwick[telemetry], or unset it.",
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over the name given here.
    provider = TracerProvider(resource=Resource.create({"service.name": "bailiwick"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    FastAPIInstrumentor.instrument_app(
        app, tracer_provider=provider, excluded_urls="healthz,readyz,metrics,static"
    )
