"""The blog that the real WordPress is filled with. Every person, place and event in it is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO

from PIL import ExifTags, Image

TITLE = "Tidewater Notes"
# Local times of this zone cross a change of clocks inside the blog's months.
ZONE = "Europe/Amsterdam"
AUTHORS = {"imke": "Imke Voorbeeld", "tomas": "Tomás Ejemplo", "olena": "Олена Приклад"}


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment under a post; ``answers`` is the place of the comment that it answers, counted from 0."""

    author: str
    written: datetime
    text: str
    approved: bool = True
    answers: int | None = None


@dataclass(frozen=True, kw_only=True)
class BlogPost:
    """One entry of the blog.

    Attributes:
        title: As typed by its author.
        shown: The title as WordPress shows it: curly quotation marks, no tags, "Protected: " before a locked post.
        published: Instant in UTC.
        text: HTML as typed; ``words`` is a part of it that every rendering of the post contains.
        status: WordPress's own word; only ``publish`` is public.
    """

    title: str
    shown: str
    author: str
    published: datetime
    text: str
    words: str
    categories: tuple[str, ...] = ("Harbour",)
    tags: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    status: str = "publish"
    password: str = ""
    image: str | None = None
    edited: bool = False


@dataclass(frozen=True, kw_only=True)
class BlogImage:
    """A photograph as its author uploads it."""

    name: str
    body: bytes = field(repr=False)


def instant(text: str) -> datetime:
    """Read ``2026-01-31 09:30`` as UTC."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def entry(published: str, title: str, author: str, words: str, **more: object) -> BlogPost:
    """Return a post whose text is a paragraph of ``words`` unless it brings its own text."""
    given = {"shown": title, "text": f"<p>{words}</p>", **more}
    return BlogPost(title=title, author=author, published=instant(published), words=words, **given)  # type: ignore[arg-type]


def photograph(width: int, height: int, *, taken: str, position: bool) -> bytes:
    """Return a JPEG with the EXIF of an invented camera; with a position in open sea when asked."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Invented"
    exif[ExifTags.Base.Model] = "Example 1"
    exif[ExifTags.Base.DateTime] = taken
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if position:
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (54.0, 30.0, 0.0)
        place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (3.0, 15.0, 0.0)
    file = BytesIO()
    picture.save(file, "JPEG", quality=80, exif=exif)
    return file.getvalue()


# The first is wide enough for WordPress to make smaller copies, which lose the EXIF; the second has a name in Cyrillic.
IMAGES = (
    BlogImage(name="pier-at-dusk.jpg", body=photograph(1600, 1200, taken="2026:02:14 17:42:10", position=True)),
    BlogImage(name="міст.jpg", body=photograph(240, 180, taken="2026:03:02 08:05:00", position=False)),
)

_DISCUSSION = (
    Comment(author="Ferry Watcher", written=instant("2026-02-15 08:00"), text="The second boat was not on the plan."),
    Comment(author="Imke Voorbeeld", written=instant("2026-02-15 08:30"), text="Thank you, I have asked.", answers=0),
    Comment(author="Nobody Real", written=instant("2026-02-15 09:00"), text="Held for moderation.", approved=False),
)
_HOSTILE = (
    '<p>Seen on the quay.</p><script>document.title="changed by the post"</script>'
    '<p><img src="/missing.png" onerror="alert(1)" alt=""> =HYPERLINK("http://quay.example")</p>'
)

POSTS = (
    entry("2025-09-03 07:15", "A notebook by the water", "imke", "This is where I write down what the harbour does."),
    entry("2025-09-11 18:20", "Who paints the buoys", "imke", "Two people and a boat do it every autumn."),
    entry("2025-09-24 06:05", "Low water on the east side", "tomas", "The steps were dry, the first time in a year."),
    entry("2025-10-02 16:45", "Night ferry, new timetable", "imke", "The last crossing leaves twenty minutes earlier.",
          categories=("Harbour", "Timetables")),
    entry("2025-10-14 10:00", "The crane that nobody rents", "tomas", "It has stood over berth nine since the spring."),
    entry("2025-10-25 22:30", "The hour that comes twice", "imke", "Tonight the clocks go back."),
    entry("2025-10-26 00:30", "Inside the first of the two hours", "imke", "Summer time still, by half an hour."),
    entry("2025-10-26 01:30", "Inside the second of the two hours", "imke", "The same time on the wall."),
    entry("2025-11-08 12:00", "Fog signals", "tomas", "One long and two short, as the book says."),
    entry("2025-11-19 09:10", "Minutes of the second meeting", "imke", "The minutes are for those who were there.",
          shown="Protected: Minutes of the second meeting", password="invented-word"),
    entry("2025-11-30 14:25", "It's \"only\" a storm", "tomas", "The harbour master's words, not mine.",
          shown="It\u2019s \u201conly\u201d a storm"),
    entry("2025-12-06 17:00", "Lights in the warehouse", "imke", "For three evenings the lights were on until two.",
          tags=("warehouse", "night shift")),
    entry("2025-12-15 08:40", "Ropes & knots < 10 minutes", "tomas", "A short lesson for a cold morning.",
          shown="Ropes & knots < 10 minutes"),
    entry("2025-12-24 15:00", "Quiet week", "imke", "Nothing moved but the gulls."),
    entry("2026-01-02 09:00", "Журнал порту: перший запис", "olena", "Сьогодні в порту тихо, лише вітер з моря.",
          categories=("Порт",), tags=("гавань",)),
    entry("2026-01-09 11:11", "مذكرات الميناء", "olena", "وصل القارب الصغير بعد الغروب.", categories=("Порт",)),
    entry("2026-01-17 19:30", "Ice on the inner basin \U0001f9ca", "tomas", "Thin enough to hear it break."),
    entry("2026-01-26 07:55", "Seen on the quay", "imke", "Seen on the quay.", text=_HOSTILE),
    entry("2026-02-04 13:20", "Two boats, one name", "imke", "Both carry the name Example on the stern."),
    entry("2026-02-14 20:05", "Pier at dusk", "imke", "Taken from the end of the pier.", image="pier-at-dusk.jpg",
          comments=_DISCUSSION, tags=("pier",)),
    entry("2026-02-23 10:45", "Answer to a reader", "tomas", "The lamp is older than the pier.",
          text='<p>The lamp is older than the pier. More at <a href="https://lamps.example/pier?a=1&amp;b=2">lamps</a>.</p>'),
    entry("2026-03-02 08:30", "Міст на світанку", "olena", "Міст відкрили на годину раніше.", image="міст.jpg",
          categories=("Порт", "Harbour")),
    entry("2026-03-10 16:16", "A correction", "imke", "The crane stands over berth eight, not nine.", edited=True),
    entry("2026-03-18 12:34", "A correction", "tomas", "And the ferry leaves from berth two."),
    entry("2026-03-29 00:59", "The minute before the missing hour", "imke", "At one UTC it is three here."),
    entry("2026-03-29 01:00", "The minute after the missing hour", "imke", "Two o'clock never was.",
          text="<p>Two o&#8217;clock never was.</p>"),
    entry("2026-04-11 21:00", "Until the summer", "imke", "I shall write again when the buoys come in."),
    entry("2026-03-20 10:00", "A draft that is not public", "imke", "Unfinished.", status="draft"),
    entry("2026-03-21 10:00", "A private note", "imke", "For the editors.", status="private"),
    entry("2099-01-01 00:00", "A post for a later century", "imke", "Scheduled.", status="future"),
)  # fmt: skip
