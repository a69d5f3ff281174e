"""How surely a name is the writer's, by the words around it (the rules stand in fio.py)."""

import re
from dataclasses import dataclass
from functools import cached_property

from validate.bystanders import Others, has_title, is_others, is_place, role_of, words_before
from validate.dictionary import is_verb
from validate.legible import line_of
from validate.name_asked import asks_for, others_sign, signs_alone, tells_of_another, tells_of_elder
from validate.name_leads import BREAK, lead_of, title_from
from validate.name_words import NamePlace, Source

SELF, HEAD, ALONE, SIGNED, ROLE, DATA, FOR_ANOTHER = 100, 95, 85, 80, 66, 65, 12

_LABEL = re.compile(
    r"(?:ф\.? ?и\.? ?о\.?|фамилия[,/ ]+имя(?:[,/ и]+отчество)?|имя,?(?: и)? фамилия|фамилия и имя|заявител\w*|обративш\w+|полное имя|"
    r"мои данные|меня (?:зовут|звать)|(?:зовут|звать) меня|(?<!ее )(?<!его )(?<!их )зовут|мое имя|моя фамилия|имя|данные|пишет(?: вам)?|вам пишет|(?:это|с вами) говорит|(?:вас )?беспокоит(?: вас)?|кто (?:пишет|обращается|подает)|"
    r"(?:к [вн]ам )?обраща(?:ется|лся|лась)(?: к [вн]ам)?|(?:к нам )?обратил(?:ся|ась)|писала?|сообщила?|обращение подала?(?:\(а\))?|подписываюсь|остаюсь|"
    r"прислать|направить|выслать|ответить|отвечать|писать(?: прошу)?|прошу писать|автор(?: письма)?|отправител\w+|пользовател\w+|клиент|"
    r"владел(?:ец|ица|ьца|ицы)(?: \w+ записи| \w+)?|связаться|подписант|записана? как|"
    r"гражданин\w*|гражданк\w+|гр-?н?к?[аи]?\.?|оформлен\w* на|зарегистрирован\w* на|на имя|"
    r"(?:^|\n)\s*(?:аккаунт|учетка|учетная запись|профиль)(?=\s?:)|мо[йяе] (?:учетк\w|аккаунт|профиль|кабинет|учетная запись|личный кабинет)|full name|name(?: is)?|fio|men(?:y|j|i)?a zovut|контакт\w{0,3}(?: лиц\w)?(?: для связи)?|исполнитель|исп|ответственн\w+(?: лицо)?)"
    r"(?: ?\([^)\n]{0,30}\))?(?: (?:заявител\w+|пользовател\w+|обратившегося|мое|полностью|гражданина|владельца|владелицы|клиента|родителя|представителя|опекуна|мои))?"
    r"[\s:=.,—–(\-\t|\n]*$"
)
_FIRST_PERSON = re.compile(
    r"(?<![а-яё])(?:я(?: же)?[\s,—–:\-]*+(?:это|есть)?|мы,|от|это|ваш|ваша|мной|мною|нами|у меня|мне|меня|ot|ya)[\s,:—–\-]*+(?:кого:?\s*+)?"
    r"(?:(?:гр\.?|граждан\w+(?: рф| россии)?|ип|заявител\w+|пользовател\w+|пенсионер\w*|нижеподписавш\w+|индивидуальн\w+ предпринимател\w+|инвалид\w*(?: \S+ группы)?|"
    r"ветеран\w*(?: труда)?|жител\w+(?: \S+ \S+| \S+)?|многодетн\w+ мат\w+|самозанят\w+|студент\w*|врач\w*(?:-[а-я]+)?|учитель\w*|медсестра|"
    r"(?:директор|руководитель|бухгалтер|главный бухгалтер|председатель|представитель|собственник)(?: \S+){0,3}))?[\s,:(—–\-]*$"
)
_KIN = r"(?:дочь|сын|жена|муж|мать|мама|отец|папа|внук|внучка|сестра|брат|опекун|представитель|вдова|бабушка|дедушка|сосед\w*)"
# "я её дочь, Павлова Нина": the writer; "я опекун Сони Беловой" is not
_AS_KIN = re.compile(
    rf"(?<![а-яё])я[\s,—–\-]*+(?:е[её]|его|их)?\s*+{_KIN}(?: [а-я\-]+){{0,4}}\s*[,—–\-]\s*$|(?<![а-яё])(?:теперь я|стала|ныне|теперь)(?: по мужу)?\s*+[—–:\-]?\s*$"
)
_FROM_ROLE = re.compile(r"(?<![а-яё])от\s+(?P<w>[а-я]{4,16})\s*$")  # "от водителя Ужова Мирона"
_IT_IS_ME = re.compile(r"[\s,(—–\-]*(?:(?:это|и есть) я|(?:он|она)(?: и| же)? пишет)(?![а-я])")
_PAPER_OF = re.compile(r"(?:^|\n)\s*(?:вопрос|жалоба|заявление|обращение|претензия|просьба|письмо)\s*$")
_I_AM_KIN = re.compile(rf"(?<![а-яё])я[\s,—–\-]*+(?:е[её]|его|их)?\s*+{_KIN}\s*$")
_CLOSING = re.compile(
    r"(?:(?:подпись|уважением|с ув\.?|признательностью|regards|uvazheniem)[\s,.!:—–\-|]*|(?:благодарю|благодарен|благодарна|спасибо)\s*[,.!\n][\s,.!]*)$"
)
_GREETED = re.compile(
    r"(?:уважаем\w++|здравствуй\w*+|добр\w++ (?:день|вечер|утро)|приветствую|привет|дорог\w++|спасибо|благодар\w++|обращаюсь к|вниманию)"
    r"[,\s!]*(?:\w++\s?){0,2}$"
)
_FOR = re.compile(
    r"(?<![а-яё])(?:за|от имени|в интересах|по просьбе|по доверенности от|вместо|помогаю|пишу по поводу)\s+(?:(?:сво\w{1,4}|мо\w{1,3})\s+)?"
    r"(?:[а-я]{3,12}[,\s:(—–\-]+)?$"
)
_FOR_ALL = re.compile(
    r"(?<![а-яё])(?:за|от|от имени|от лица) (?:всех|всего|нас всех) ?(?:жильцов|жителей|соседей|родителей|коллектива|дома|подъезда|пайщиков|собственников|семьи)?[\s,:—–\-]*$"
)
_BORN = re.compile(r",?\s(?:родил(?:ся|ась)|рожд[её]н\w?)\s[^\n]{0,20}(?<!\d)19\d\d(?!\d)")  # a grown person's own data
_SERVED_BY = re.compile(
    r"(?<![а-яё])(?:отвеча(?:л\w*|ет|вший)|ответила?|обслужива\w+|обслужил\w*|принимал\w*|принял\w*|консультир\w+|проконсульт\w+|разговарива\w+|говорил\w*|звонил\w*|помога\w+|некий|некая|некто|некоему|"
    r"како[йм]-то|какая-то|чуж\w+[^.\n]{0,20}|посторонн\w+[^.\n]{0,20}|однофамил\w+)(?: мне| нам| со мной| меня)?[\s:—–\-,]*$"
)
_NOT_MINE = re.compile(r"по ошибке|ошибочно|чуж|не мо[йяе](?![а-яё])|не знаю|не знаком|неизвестн")
_DATA_AFTER = re.compile(
    r"^\s*[,;:.—–\-(|\t]*\s*(?:мой\s+|номер\s+|№\s*|ип\s+)?(?:инн|inn|и\.н|снилс|тел|моб|паспорт|г\.?\s?р|лк|лс|id|ид|каб|кабинет|личн|уч[её]тн|аккаунт|дата|\d|(?:ноль|один|два|три|четыре|пять|шесть|семь|восемь|девять)\s|"
    r"e-?mail|почта|адрес|прож|зарегистр|огрн|отчеств|без отчеств|из |город|г\. |\n|$)"
)
_NUMBER_AFTER = re.compile(r"[\s,]*(?:инн|снилс|\d{5})")
_SPEAKS_AFTER = re.compile(
    r"^[\s,.—–\-]*(?:[а-я]+\s){0,3}?(?:пишу|прошу|обращаюсь|не могу|не можем|не смог|не получается|просим|хочу|пытаюсь|подал|мне|меня|у меня|у нас|мой|моя|мою|наш)(?![а-яё])"
)
_ACTS_AFTER = re.compile(
    r"^[\s,]*(?:(?:мне|мо\w{1,3}|нам|меня|по телефону|грубо|просто|не|сначала|котор\w{2}|со мной|из|в|во|на|с|вчера|сегодня|по|окно|\d+,?)\s+){0,3}"
    r"(?:сказал|ответил|отказал|нахам|нагруб|положил|бросил|объясн|заявил|утвержда|обеща|провер|приня|переключ|посовет|предлож|сообщ|"
    r"говор|отвеча|представил|попросил|трубк|разговарива|консульт|выписал|назнач|вед[её]т|родил|умер|прожива(?:ет|л)|учит|ходит|работает|"
    r"подписал|подпись|написал|прислал|вынес|выдал|болен|больна|составил|грубо|нахам|прописал|числ|указан|не да)"
)
_RELATION = re.compile(
    r"\s*[,(—–\-]+\s*(?P<p>мо[йяе]|наш\w?|ваш\w?|сво\w{1,3}|это)?\s*(?P<w>[а-я]+)(?P<n>\s*[—–:\-]|\s+(?=[а-я]))?"
)
_CABINET_OF = re.compile(r"(?:личный кабинет|профиль|учетная запись|аккаунт)\s*$")
_FIRM = re.compile(
    r"(?<![А-ЯЁа-яё])(?:ООО|АО|ЗАО|ПАО|ИП|СНТ|ТСЖ|ТСН|НКО|КФХ|ГБУ|МБОУ|МУП|ГУП|[Оо]рганизац|[Кк]омпани)|«"
)
_TAIL = 80
_WHOSE = frozenset(
    "мой моя наш наша его ее ваш ваша новый новая прежний прежняя бывший бывшая".split()
)  # a list of words reads as text
_YOUNG = frozenset(("сын", "дочь", "внук", "внучка", "племянник", "племянница"))


_CHILD = re.compile(r"(?<![а-я])(?:ребен|сын|доч|дет[еяи]|внук|внуч|мужа|пациент|подопечн|несовершеннолетн|малыш)")
_ELDER = re.compile(
    r"(?<![а-я])(?:мам[ыуе]|мамой|матер|отц|пап[ыуе]|бабушк[иуео]|дедушк[иуео]|дед[ау](?![а-я])|свекров|тещ[иуе]|сосед[аук]|наследств|умерш|покойн)"
)
_ITS_FIRM = re.compile(
    r"(?<![а-я])(?:ооо|ао|зао|кфх|снт|тсж|организаци|представляю|в интересах|по доверенност|руководителя|доверенн|не можем|просим|у нас|мбоу|гбу|учрежден|школ\w{1,20} кабинет|кабинет\w{0,20} (?:школы|учреждения|юр))"
)


_END = 200  # characters in which a letter is signed


class Surroundings:
    """What the whole letter says of persons, asked once, and only for a name that it decides of."""

    def __init__(self, text: str, signature: str = "") -> None:
        self._low = text[:5000].lower().replace("ё", "е")
        self.ending = text.rstrip()[-_END:] + "\n" + signature.rstrip()[-_END:]

    @cached_property
    def child(self) -> bool:
        """A child, a patient, a ward is spoken of."""
        return _CHILD.search(self._low) is not None

    @cached_property
    def elder(self) -> bool:
        """The letter is written for a parent, a grandparent, somebody else."""
        return _ELDER.search(self._low) is not None

    @cached_property
    def firm(self) -> bool:
        """A firm or an office, or somebody who speaks for one."""
        return _ITS_FIRM.search(self._low) is not None

    def tells_beside(self, written: str) -> bool:
        """Whether the letter or its signature has, beside a name ("Майорову …"), a word of its writer or of a third person."""
        told = self._low + "\n" + self.ending.lower().replace("ё", "е")
        return tells_of_another(told.replace(written.lower().replace("ё", "е"), " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """One name and what stands around it; lower case, ё as е."""

    place: NamePlace
    source: Source
    told: Surroundings
    lead: str  # before it on its line, or from the line above that leads to it
    sentence: str  # of the lead, what stands in the name's own sentence
    near: list[str]  # words between the last sign and the name
    tail: str  # what follows
    follows: str  # the same as written
    line: str  # the name's line as written, _FAR_ON_LINE each way at most
    alone: bool  # nothing else stands on the line
    at_end: bool  # the name ends the line

    @property
    def bare(self) -> bool:
        """Whether no word stands before the name in its sentence."""
        return not re.search("[а-яa-z]", self.sentence)

    @property
    def nominative(self) -> bool:
        return self.place.case == "nom"


def _scene(text: str, place: NamePlace, source: Source, told: Surroundings) -> _Scene:
    lead = lead_of(text, place.start)
    sentence = BREAK.split(lead)[-1]
    start, _ = line_of(text, place.start)
    _, end = line_of(text, place.end)
    follows = text[place.end : place.end + _TAIL]
    last = _SIGNS.split(sentence.rstrip(" ,;:()\t|\n—–-"))[-1]
    rest = text[start : place.start] + text[place.end : end]
    return _Scene(
        place=place, source=source, told=told, lead=lead, sentence=sentence, near=words_before(last),
        tail=follows.lower().replace("ё", "е"), follows=follows,
        line=text[max(start, place.start - _FAR_ON_LINE) : min(end, place.end + _FAR_ON_LINE)],
        alone=not rest.strip(" \t\n.,;:!-–—•*()|/"), at_end=place.end >= end - 1,
    )  # fmt: skip


_FAR_ON_LINE = 400  # a letter may be one line, and each of its names looks for a firm on it
_SIGNS = re.compile(r"[,;:()\t|\n]|\s[—–-]+\s")


def standing(text: str, place: NamePlace, source: Source, told: Surroundings) -> int:
    """How surely this is the writer; 0 is never."""
    if place.labelled:
        return SELF
    scene = _scene(text, place, source, told)
    same_line = scene.sentence.rpartition("\n")[2]
    bonus = place.parts - 30 * place.guessed
    if _heads(text, scene):
        return HEAD + bonus
    if is_place(words_before(same_line), nominative=scene.nominative) or _SERVED_BY.search(same_line):
        return 0
    if _FOR_ALL.search(scene.sentence) and scene.nominative:
        return SIGNED + bonus
    if _FOR.search(scene.sentence):
        return FOR_ANOTHER
    if _is_self(scene):
        return 0 if "на имя" in scene.lead[-10:] and _NOT_MINE.search(scene.tail) else SELF + bonus
    if _is_asked_for(scene):
        return FOR_ANOTHER
    if source is Source.SIGNATURE or _CLOSING.search(scene.lead):
        # "…, сын Карнаух Иван Игоревич" in a signature is another's all the same
        child = role_of(words_before(scene.sentence)[-1:]) is Others.CHILD and not told.elder
        return 0 if child else SIGNED + bonus
    score = _unlabelled(scene, same_line)
    return max(0, score + bonus) if score else 0


_NOT_BY_TITLE = re.compile(
    r"(?<![а-я])(?:мо\w{1,3}|наш\w{1,3}|ваш\w{1,3}|его|ее|их|сын\w{0,2}|доч\w+|ребенка|детей|мужа|жены|супруг\w|отца|матери|мамы|папы|брата|"
    r"сестры|бабушк\w|дедушк\w|дяди|тети|внук\w|внучк\w|родител\w+|несовершеннолетн\w+|ученик\w+|ученицы|умерш\w+|бывш\w+)(?![а-я])|"
    r"(?:имени|им\.?|памяти|ул\.?|улицы|пр\.?|проспекта|пер\.?|переулка)\s*$"
)
_MOTHER_OF = re.compile(r"(?:матери|отца|мамы|папы) \S{1,15} (?:несовершеннолетних )?детей")
_LOWER = re.compile(r"[а-яё]{3,}")
_HEAD_ENDS = re.compile(r"[\s.]*$|[\s.]*\n|\s?[,(;]|\s*(?:инн|снилс|тел|\d)")


def _heads(text: str, scene: _Scene) -> bool:
    """Whether the name stands behind "от" and a title in the letter's head."""
    if scene.place.case != "gen" or scene.source is not Source.OWN or not _HEAD_ENDS.match(scene.tail):
        return False
    if _goes_on(text, scene.place.end):
        return False
    title = title_from(text, scene.place.start)
    return title is not None and _NOT_BY_TITLE.search(_MOTHER_OF.sub("", title)) is None


def _goes_on(text: str, end: int) -> bool:
    """Whether a sentence goes on behind the name: "от тренера Орлова П. И., секция плавания, заявку получили"."""
    line, _, below = text[end : end + 200].partition("\n")
    return below[:1].islower() or any(map(is_verb, _LOWER.findall(line)))


def _is_asked_for(scene: _Scene) -> bool:
    """A name for which the letter asks, where nobody else signs it."""
    place, told = scene.place, scene.told
    if others_sign(told.ending, place.fio):
        return False
    if asks_for(scene.sentence, scene.tail, place.case):
        return not (told.firm or told.child or told.tells_beside(place.written) or signs_alone(told.ending, place.fio))
    return tells_of_elder(scene.sentence, place.case)


def _is_self(scene: _Scene) -> bool:
    """A label or the first person, and nobody else's: "ФИО ребёнка" labels the child."""
    lead, sentence = scene.lead, scene.sentence
    label = _LABEL.search(lead)
    if label:
        before_label = words_before(BREAK.split(lead[: label.start()])[-1])
        return not is_others(before_label, far=1) and not is_others(words_before(sentence), far=1)
    if _IT_IS_ME.match(scene.tail):
        return True
    if _I_AM_KIN.search(sentence):
        return scene.nominative
    if _PAPER_OF.search(lead):
        return scene.place.case == "gen"
    if (role := _FROM_ROLE.search(sentence)) and not is_others([role["w"]]):
        return scene.place.case == "gen"
    me = _FIRST_PERSON.search(sentence)
    if me and me[0].strip(" ,:(") == "меня" and scene.place.case == "ins":
        return False  # "назвал меня Петровой Анной"
    return (me or _AS_KIN.search(sentence)) is not None


def _unlabelled(scene: _Scene, same_line: str) -> int:
    """A name that nothing labels: by where it stands, unless somebody else is spoken of."""
    if _GREETED.search(same_line) and not _NUMBER_AFTER.match(scene.tail):
        return 0
    if is_others(words_before(scene.sentence)):
        return _of_others(scene, same_line)
    if _is_relation(scene.follows, scene.told) or (
        not scene.alone and not _is_born(scene) and _ACTS_AFTER.search(scene.tail)
    ):
        return 0
    if scene.alone:
        return ALONE if scene.place.parts > 2 else ALONE - 9
    if role_of(scene.near) is Others.WRITER and scene.nominative:
        return ROLE
    return _by_position(scene)


def _is_born(scene: _Scene) -> bool:
    """ "Зотова Фаина Юрьевна, родилась в 1951 году" at the start of a line, where nobody else is spoken of."""
    return scene.place.starts_line and scene.bare and scene.nominative and _BORN.match(scene.tail) is not None


def _by_position(scene: _Scene) -> int:
    place, bare, nominative = scene.place, scene.bare, scene.nominative
    data = _DATA_AFTER.search(scene.tail) is not None
    if _is_born(scene):
        return 30
    if (place.starts_line or (bare and scene.sentence)) and (data or nominative):
        return DATA if data else 30
    if scene.source is Source.SUBJECT:
        return 40
    if scene.sentence.strip() == "ип":
        return DATA
    if data and (nominative or bare):
        return DATA - 10
    if bare and nominative and _SPEAKS_AFTER.search(scene.tail):
        return DATA - 15
    if bare and nominative and re.match(r"\s?[.,;]", scene.tail):
        return 30
    if place.case == "gen" and _CABINET_OF.search(scene.sentence):
        return 20
    if place.parts > 2 and nominative and re.match(r"[\s.!)]*(?:\n|$)", scene.tail):
        return 10  # "…, а так Дюжева Нина Фоминична"
    return 8 if place.parts > 2 and bare else 0


def _of_others(scene: _Scene, same_line: str) -> int:
    """A name under a title or beside kin: a firm's officer who signs, the parent of the child spoken of."""
    if not scene.nominative or _ACTS_AFTER.search(scene.tail):
        return 0
    told, near = scene.told, scene.near
    possessed = _WHOSE.intersection(near)
    if words_before(scene.lead.rpartition("\n")[2])[:1] in (["новый"], ["новая"]) and scene.at_end and told.firm:
        possessed -= {"новый", "новая"}  # "новый председатель Зуев Глеб Яковлевич" under a letter
    speaks = _SPEAKS_AFTER.search(scene.tail) is not None
    if speaks and not possessed - {"его", "ее"}:
        return 50  # "внук Кротовой, Зимин Егор, пишу по её просьбе"
    if possessed - {"его", "ее"}:
        return 0
    role = role_of(near)
    if role is Others.WRITER:
        return ROLE
    if role is Others.ADULT and told.child and not told.elder:
        return 20
    if _YOUNG.intersection(near) and told.elder:
        return 20
    if near and near[-1] in ("пациент", "пациентка"):
        return 8  # nobody else says that he writes
    if has_title(near) and words_before(scene.sentence) == near and re.match(r"[\s.!)]*$", scene.tail):
        return 15  # the last words of the letter: "Бухгалтер Сычёва Мила Егоровна"
    own_firm = _FIRM.search(scene.line) is not None or told.firm
    signs = scene.at_end or _DATA_AFTER.search(scene.tail) is not None
    return 60 if own_firm and signs and has_title(words_before(same_line)) else 0


def _is_relation(written: str, told: Surroundings) -> bool:
    """Whether what follows makes the name somebody else's: "…, мой муж", "… (оператор)".

    "…, мать двоих детей" is the writer's own word; in "…, муж Летов Юрий" the husband is the next name.
    """
    tail = written.lower().replace("ё", "е")
    m = _RELATION.match(tail)
    if m is None or _FIRM.search(written):
        return False
    if m["n"] and not m["p"] and (m["n"].strip() or written[m.end() : m.end() + 1].isupper()):
        return False
    role = role_of([m["w"]])
    if m["p"]:
        return role is not None and role is not Others.WRITER
    described = re.match(r"\s+(?!не |и |в |на )[а-я]", tail[m.end("w") :])
    if role is Others.CHILD and told.elder and re.fullmatch(r"[\s.!)]*", tail[m.end("w") :]):
        return False  # "Наследство отца … Сычёва Мила Егоровна, дочь"
    return role in (Others.CHILD, Others.OFFICIAL) or (role is Others.ADULT and not told.child and not described)
