"""What all JSON bodies of the API have in common."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A request body. Unknown fields are refused; `kernel.strict_json` has read it before."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
