"""How the app comes into the workspace by OAuth."""

from dataclasses import dataclass, field

from bot.playground.shapes import Json


@dataclass(slots=True)
class OAuth:
    """What an app's registration says, and what was given out for it."""

    client_id: str = "1111.2222"
    client_secret: str = "playground-client-secret"  # noqa: S105 - of a local toy
    rotates: bool = False  # tokens run out and are exchanged
    enterprise: tuple[str, str] | None = None  # id and name of the organisation it is in
    whole_organisation: bool = False  # installations are for all of it
    beside: dict[str, str] = field(default_factory=dict)  # its other workspaces: names, by id
    codes: dict[str, str] = field(default_factory=dict)  # code -> who agreed
    refresh_tokens: set[str] = field(default_factory=set)

    def of_request(self) -> Json:
        """What a payload of a click or an event says of the organisation."""
        enterprise = self.enterprise
        return {
            "enterprise": {"id": enterprise[0], "name": enterprise[1]} if enterprise else None,
            "is_enterprise_install": self.whole_organisation,
        }
