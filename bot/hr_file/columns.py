"""Which column says what: by its name in several languages, or as `--map` has it."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.hr_file.problems import FileRefusedError, Problem, visible

# What Laurel reads of a file, in words.
FIELDS: dict[str, str] = {
    "email": "the e-mail address",
    "slack": "the Slack id",
    "employee": "the employee number",
    "name": "the name",
    "first": "the first name",
    "last": "the last name",
    "start": "the start date",
    "end": "the end date",
    "leave_from": "the first day of leave",
    "leave_to": "the last day of leave",
    "manager": "the manager",
    "country": "the country",
}
IDENTITIES = ("email", "slack", "employee")
_HARMLESS = frozenset({"name", "first", "last"})  # of several such columns, the first will do

# Compared without accents, case, spaces and signs. English, German, French, Spanish, Portuguese,
# Italian, Dutch, Swedish, Danish, Norwegian, Polish.
_NAMES: dict[str, str] = {
    "email": "email, e-mail address, mail, mail address, work email, work email address, business"
    " email, company email, email work, primary email, primary work email, user email,"
    " employee email, E-Mail-Adresse, Mailadresse, Dienstliche E-Mail, E-Mail geschäftlich,"
    " courriel, adresse e-mail, adresse électronique, adresse mail, e-mail professionnel,"
    " correo, correo electrónico, dirección de correo, email corporativo, endereço de e-mail,"
    " correio eletrónico, correio eletrônico, email profissional, indirizzo e-mail, posta"
    " elettronica, e-mail aziendale, e-mailadres, zakelijk e-mailadres, e-postadress, e-post,"
    " epost, e-mailadresse, adres e-mail",
    "slack": "slack, slack id, slack user, slack user id, slack member id, member id, user id slack,"
    " Slack-ID, Slack-Benutzer, identifiant Slack, id de Slack, id do Slack, ID Slack",
    "employee": "employee id, employee number, employee no, employee nr, emp id, emp no,"
    " empid, staff id, staff number, staff no, personnel number, personnel no, person number,"
    " payroll number, payroll id, worker id, associate id, Personalnummer, Personal-Nr,"
    " Mitarbeiternummer, Mitarbeiter-Nr, Mitarbeiter-ID, PersNr, matricule, numéro d’employé,"
    " numéro de salarié, matricule salarié, número de empleado, nº empleado, id empleado, legajo,"
    " número de funcionário, número de colaborador, matrícula, número mecanográfico, numero"
    " dipendente, matricola, codice dipendente, personeelsnummer, medewerkernummer,"
    " werknemersnummer, anställningsnummer, medarbejdernummer, ansattnummer, numer pracownika",
    "name": "name, full name, employee, employee name, display name, legal name, preferred name, worker,"
    " worker name, Vor- und Nachname, vollständiger Name, Mitarbeiter, Mitarbeitername, nom"
    " complet, nom et prénom, prénom et nom, nom prénom, nombre completo, nombre y apellidos, nome"
    " completo, nome e cognome, nome e apelido, nome do funcionário, volledige naam, naam, namn,"
    " navn, fullständigt namn, imię i nazwisko",
    "first": "first name, given name, forename, Vorname, prénom, nombre, nombre de pila, nome,"
    " primeiro nome, nome próprio, voornaam, förnamn, fornavn, imię",
    "last": "last name, surname, family name, Nachname, Familienname, nom, nom de famille,"
    " apellido, apellidos, apelido, sobrenome, último nome, cognome, achternaam, familienaam,"
    " efternamn, efternavn, etternavn, nazwisko",
    "start": "start, start date, started, started on, hire date, hired, hired on, date hired, date"
    " of hire, hiring date, joined, joined on, join date, joining date, date joined, date of"
    " joining, employment start, employment start date, entry date, service start, service start"
    " date, service date, first day, begin date, from, Eintritt, Eintrittsdatum, Eintrittstag,"
    " Einstellungsdatum, Beginn, Startdatum, Beschäftigt seit, Beschäftigungsbeginn, Dienstbeginn,"
    " date d’entrée, date d’embauche, date d’arrivée, date de début, embauche, fecha de alta, fecha"
    " de inicio, fecha de ingreso, fecha de contratación, fecha de incorporación, data de admissão,"
    " data de início, data de entrada, data de contratação, admissão, data di assunzione, data"
    " assunzione, data di inizio, data inizio, inizio, datum in dienst, in dienst, in dienst sinds,"
    " indiensttreding, datum indiensttreding, begindatum, anställningsdatum, startdato,"
    " ansættelsesdato, ansettelsesdato, data zatrudnienia",
    "end": "end, end date, ended, left, left on, leave date, leaving date, date left, termination"
    " date, terminated on, termination, last day, last day of work, last working day, exit date,"
    " employment end, employment end date, separation date, contract end, to, until, Austritt,"
    " Austrittsdatum, Ende, Enddatum, Beschäftigungsende, Dienstende, letzter Arbeitstag, date de"
    " sortie, date de fin, date de départ, fecha de baja, fecha de fin, fecha de salida, fecha de"
    " cese, data de saída, data de término, data de fim, data de demissão, data de desligamento,"
    " data di cessazione, data cessazione, data di fine, data fine, fine, datum uit dienst, uit"
    " dienst, einddatum, slutdatum, avslutningsdatum, slutdato, data zwolnienia",
    "leave_from": "leave from, leave start, leave start date, leave begin, unpaid leave from,"
    " unpaid leave start, absence from, absence start, Abwesend von, Beurlaubt von, Beurlaubung"
    " von, Beurlaubung Beginn, unbezahlter Urlaub von, début de congé, congé du, début du congé,"
    " inicio de excedencia, excedencia desde, permiso desde, início da licença, licença de, inizio"
    " aspettativa, aspettativa dal, verlof van, begin verlof, onbetaald verlof van",
    "leave_to": "leave to, leave until, leave end, leave end date, unpaid leave to, unpaid leave"
    " end, absence to, absence until, absence end, Abwesend bis, Beurlaubt bis, Beurlaubung bis,"
    " Beurlaubung Ende, unbezahlter Urlaub bis, fin de congé, congé au, fin du congé, fin de"
    " excedencia, excedencia hasta, permiso hasta, fim da licença, licença até, fine aspettativa,"
    " aspettativa al, verlof tot, einde verlof, onbetaald verlof tot",
    "manager": "manager, manager email, manager e-mail address, manager work email, line manager,"
    " line manager email, supervisor, supervisor email, reports to, reporting manager, reports to"
    " email, boss, manager id, manager employee id, Vorgesetzter, Vorgesetzte, Vorgesetzte/r,"
    " E-Mail Vorgesetzter, E-Mail Vorgesetzte, Vorgesetzter E-Mail, Führungskraft, E-Mail"
    " Führungskraft, Führungskraft E-Mail, responsable, e-mail du responsable, e-mail responsable,"
    " courriel du responsable, e-mail du manager, supérieur, jefe, correo del jefe, responsable"
    " directo, correo del responsable, gestor, e-mail do gestor, gerente, chefia, e-mail da chefia,"
    " superior, responsabile, e-mail responsabile, e-mail del responsabile, leidinggevende, e-mail"
    " leidinggevende, chef, chef e-post, leder, przełożony",
    "country": "country, country code, work country, country of work, location country, Land,"
    " Arbeitsland, Ländercode, pays, pays de travail, code pays, país, país de trabajo, país de"
    " trabalho, código de país, paese, nazione, codice paese, landcode, kraj",
}


@dataclass(frozen=True)
class Columns:
    """Where each field stands; `unread`: the names of columns that Laurel does not read."""

    places: Mapping[str, int]
    names: tuple[str, ...]
    unread: tuple[str, ...]

    def name(self, field: str) -> str:
        """A field's column as the file names it, fit to be shown."""
        return visible(self.names[self.places[field]])


def parse_mapping(text: str) -> dict[str, str]:
    """Read `start=Hire_Date,email=Mail`. Raises ValueError with a sentence."""
    mapping: dict[str, str] = {}
    for part in text.split(","):
        field, equals, column = (piece.strip() for piece in part.partition("="))
        field = field.casefold().replace("-", "_")
        if not equals or not column:
            raise ValueError(
                f"“{visible(part)}” names no column: write --map start=Hire_Date,email=Mail."
            )
        if field not in FIELDS:
            raise ValueError(
                f"There is nothing called “{visible(field)}” to be read from a column:"
                f" --map knows {', '.join(FIELDS)}."
            )
        if field in mapping:
            raise ValueError(f"--map names {FIELDS[field]} twice.")
        mapping[field] = column
    return mapping


def recognise(header: Sequence[str], mapping: Mapping[str, str], *, line: int) -> Columns:
    """Find the columns by their names, `mapping` going first. Raises FileRefusedError."""
    places: dict[str, int] = {}
    problems: list[str] = []
    keys = [key_of(name) for name in header]
    for field, column in mapping.items():
        found = [place for place, key in enumerate(keys) if key == key_of(column)]
        exact = [place for place in found if header[place].strip() == column]
        found = exact if len(exact) == 1 else found
        if len(found) == 1:
            places[field] = found[0]
        else:
            problems.append(_not_found(column, header) if not found else _twice(column))
    for field, several in candidates(keys).items():
        several = [place for place in several if place not in places.values()]
        if field in places or not several:
            continue
        if len(several) > 1 and field not in _HARMLESS:
            names = " and ".join(f"“{visible(header[place])}”" for place in several[:3])
            problems.append(
                f"{names} could each be {FIELDS[field]}: say which by --map"
                f" {field}={visible(header[several[0]])}."
            )
        places[field] = several[0]
    problems = problems or _missing(places, header)
    if problems:
        raise FileRefusedError(tuple(Problem(line, sentence) for sentence in problems))
    unread = tuple(
        visible(name)
        for place, name in enumerate(header)
        if name.strip() and place not in places.values()
    )
    return Columns(places, tuple(header), unread)


def candidates(keys: Sequence[str]) -> dict[str, list[int]]:
    """The columns whose names mean a field, by field."""
    found: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        field = _FIELD_OF.get(key)
        if field is not None:
            found.setdefault(field, []).append(place)
    # “Nom” and “Nome” beside a first name are a last or a first name, and else the whole one.
    for alone, partner in (("first", "last"), ("last", "first")):
        if alone in found and partner not in found and "name" not in found:
            found["name"] = found.pop(alone)
    return found


def key_of(name: str) -> str:
    """A column's name as names are compared."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(part for part in parts if part.isalnum())


def _missing(places: Mapping[str, int], header: Sequence[str]) -> list[str]:
    shown = ", ".join(f"“{visible(name, 24)}”" for name in header[:8] if name.strip())
    more = " …" if len(header) > 8 else ""
    found = f" The columns here are {shown}{more}." if shown else ""
    if "start" not in places and not any(field in places for field in IDENTITIES):
        return [
            (
                "There is no row of column names that I recognise: the first row must name at"
                f" least the start date and the e-mail address.{found}"
            )
        ]
    if "start" not in places:
        return [f"No column is named as a start date: say which it is by --map start=….{found}"]
    if not any(field in places for field in IDENTITIES):
        return [
            (
                "No column is named as an e-mail address, a Slack id or an employee number: say"
                f" which it is, for example by --map email=….{found}"
            )
        ]
    if ("leave_from" in places) != ("leave_to" in places):
        return ["Leave needs two columns: its first and its last day."]
    return []


def _not_found(column: str, header: Sequence[str]) -> str:
    near = process.extract(column, [name for name in header if name], scorer=fuzz.WRatio, limit=3)
    names = " or ".join(f"“{visible(name)}”" for name, score, _ in near if score >= 60)
    meant = f" Did you mean {names}?" if names else ""
    return f"There is no column “{visible(column)}”, which --map names.{meant}"


def _twice(column: str) -> str:
    return f"Several columns are called “{visible(column)}”, which --map names."


_FIELD_OF: dict[str, str] = {
    key_of(name): field for field, names in _NAMES.items() for name in names.split(",")
}
