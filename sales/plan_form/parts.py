"""What the parts of plan.json are made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

Count = Annotated[int, Field(strict=True, ge=0)]
Number = Annotated[FiniteFloat, Field(strict=True)]
Latitude = Annotated[Number, Field(ge=-90, le=90)]
Longitude = Annotated[Number, Field(ge=-180, le=180)]
Fraction = Annotated[Number, Field(gt=0, lt=1)]
Text = Annotated[str, Field(strict=True)]


class Part(BaseModel):
    """A part of plan.json; keys beside those named are let pass."""

    model_config = ConfigDict(extra="allow")
