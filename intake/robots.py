"""What robots write: their addresses, headers, subjects and sentences. Data for `screen`; to know one more robot,
add a line here and its letter to tests/letters.

A phrase is held against the beginning of a subject, a line or a sentence, never against any place of a text: a
citizen who complains of an automatic answer uses the same words in the middle of his own.
"""

import re

from intake.caseless import Caseless


def _any(*forms: str, before: str = "", after: str = "") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{'|'.join(forms)}){after}", re.IGNORECASE)


def _anywhere(*forms: str, before: str) -> Caseless:
    return Caseless(f"{before}(?:{'|'.join(forms)})", re.MULTILINE)


# ---------------------------------------------------------------- addresses and headers

# VERP sets the recipient behind a sign of its own, not behind a dot: "bounce.nik" is a person.
MAILERS = _any("mail(?:er)?[-_.]?daemon", "mdaemon", "postmaster", "daemon", "double-bounce", "bounces?(?:[-+_=].*)?")
NO_SENDER = _any("", "mailer-daemon")
# "mos-noreply2", "crm_noreply"; with a sign inside only at a word's beginning: "marino.reply" is a person.
NO_REPLY = _any(
    "noreply",
    "(?<![a-z])no[-_.]reply",
    "noreplay",
    "not?[-_.]?for[-_.]?reply",
    "not[-_.]?reply",
    "(?<![a-z])no[-_.]?(?:answer|response|responder)",
    "ne[-_.]?otve[ct]h?",
    "unattended",
    "unmonitored",
)
# Addresses that say "auto-reply": a robot's, unless somebody asks or complains ("avtootvet.msk@…" was a citizen).
REPLIERS = _any("auto[-_.]?(?:reply|respond|answer|otvet)", "avto[-_.]?otvet")
MACHINES = _any("(?:robo|bot|noti|alert|system|cron|root|crm|help|ticket|info|support|admin|otrs|service|auto).*")

# Headers whose mere presence (but for "no") says that a robot wrote.
AUTO_HEADER = re.compile(
    r"x-(?:[a-z0-9]+-){0,2}auto-?(?:reply|replied|respond|responder|response|generated|answer)(?:-from)?"
    r"|auto-?(?:reply|response)|x-fc-machinegenerated|x-amazon-mail-relay-type"
)
# Headers by which help desks and forwarders know their own mail again: RT, Roundup, Libredesk, Zendesk and old OTRS set
# them on each letter, also on what a colleague wrote by hand; Exchange and procmail on what a rule sends on.
ANY_MAIL_HEADER = re.compile(r"x-(?:[a-z0-9]{1,30}-){0,4}loop(?:-[a-z]{1,20})?|x-zendesk-from-account-id")
# RFC 5546 §1.4: methods by which a calendar answers an invitation. The others invite, and people do that.
CALENDAR_ANSWERS = frozenset({"REPLY", "COUNTER", "REFRESH"})
# [MS-OXCMAIL] §2.2.3.2.14: these only ask that no receipts be sent.
RECEIPTS_ONLY = frozenset({"rn", "nrn", "dr", "ndr", "none", ""})

# ---------------------------------------------------------------- bounces

BOUNCE_SUBJECT = _any(
    r"undeliver(?:ed|able)\b",
    r"mail (?:delivery )?(?:failed|failure|system error|status|error|subsystem)",
    r"mail delivery system",
    r"delivery (?:status notification|failure|failed|has failed|report|delayed|error|problem|incomplete|notification)",
    r"failure notice",
    r"failed (?:mail|delivery)",
    r"returned (?:mail|to sender)",
    r"(?:mail|message|your message) (?:could not be|not|was not|wasn't) delivered",
    r"warning: (?:message|could not)",
    r"(?:dsn|ndr|non-?delivery)\b",
    r"could not (?:be delivered|send message)",
    r"rejected:",
    r"недоставлен\w+",
    r"не ?доставлен\w+",
    r"невозможно доставить",
    r"не уда(?:лось|ется|ётся) (?:доставить|отправить)",
    r"(?:ваше )?(?:сообщение|письмо) не (?:было )?(?:доставлено|отправлено)",
    r"(?:ошибка|сбой|отказ) (?:при |в )?(?:доставк|отправк)\w*",
    r"уведомление о (?:не)?(?:доставк|задержк)\w*",
    r"уведомление о (?:состоянии|статусе) доставки",
    r"отч[её]т о (?:не)?доставке",
    r"возврат (?:почты|письма|отправителю)",
    r"доставка (?:\S+ ){0,8}(?:не удалась|задержана|невозможна)",
    before=r"\s*(?:\[[^\]]{1,40}\]\s*)?",
)
BOUNCE_LINE = _any(
    r"hi\. this is the ",
    r"this (?:message|mail) was (?:created|generated) automatically by",
    r"this is the mail (?:system|delivery)",
    r"i'm sorry to have to inform you",
    r"the original message was received at",
    r"this report relates to a message you sent",
    r"this is an automatic(?:ally)?(?: generated)? (?:message|delivery)",
    r"delivery (?:has failed|to the following|of your|is delayed|failed)",
    r"your (?:message|e-?mail|mail) .{0,200}(?:could not|couldn't|wasn't|was not|did not|has not|cannot|can't)",
    r"(?:a )?message (?:that you sent )?(?:could not|has not|from .{1,80} to)",
    r"the following (?:address|recipient|message)",
    r"-{3,} ?the following addresses",
    r"undeliverable",
    r"sorry,? (?:we|i|no|your|unable)\b",
    r"\S{1,80} rejected your message",
    r"\*\* address not found \*\*",
    r"reporting-mta",
    r"(?:это|данное|настоящее) (?:письмо|сообщение|уведомление) (?:было )?(?:создано|сформировано|отправлено"
    r"|сгенерировано)",
    r"это (?:автоматическое|отч[её]т|уведомление|служебное)",
    r"(?:ваше|следующее|ниже|отправленное).{0,200}не (?:может быть|было|удалось|будет|доставлено|могло)",
    r"не удалось доставить",
    r"доставка .{0,200}(?:не удалась|невозможна|не выполнена|задержана)",
    r"сбой доставки",
    r"произош(?:ла|ел) (?:ошибка|сбой)",
    r"(?:к сожалению|извините),? (?:мы |ваше |письмо |сообщение )",
    r"(?:сообщение|письмо).{0,200}не (?:было |может быть )?доставлено",
    r"почтов(?:ый сервер|ая система) .{0,60}не (?:смог|может|удалось)",
    r"адрес(?:ат)? .{0,120}не (?:найден|существует)",
    before=r"\W{0,10}",
)
# The letter is still on its way: such a report in plain text gives nothing up.
DELAY = _any(
    r"\b(?:message|mail|delivery) .{0,80}\bdelay(?:ed)?\b",
    r"\bwarning: .{0,80}\bfor (?:the )?past\b",
    r"\bwarning message only",
    r"\bnot yet been delivered",
    r"\bstill being retried",
    r"\bdelivery attempts will continue",
    r"\bwill (?:be retried|(?:continue|keep) (?:to try|trying))",
    r"уведомление о задержке",
    r"(?:доставка|письмо|сообщение) .{0,80}(?:задержан[ао]?\b|задержива)",
    r"\b(?:пока|ещ[её]) не (?:было )?доставлен",
    r"попытк\w{1,3} .{0,60}(?:продолжатся|продолжаются|будут продолжен)",
    r"(?:продолжит|продолжает|будет продолжать) попытк",
)
# What only servers say; without it a bounce in plain text from an ordinary address is a citizen's tale of one.
SERVER_TALK = re.compile(
    r"\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|\bsmtp\b|\besmtp\b|\bmx\b|user unknown|unknown user|no such user"
    r"|mailbox (?:is )?(?:full|unavailable|not found)"
    r"|quota|diagnostic|final-recipient|return-path:|received: from|message-id:|\bhost \S+\.\S+|remote server"
    r"|\b55\d[ -][a-z]{2,}"
    r"|over ?quota|ящик (?:переполнен|не найден|не существует)",
    re.IGNORECASE,
)

# ---------------------------------------------------------------- receipts

RECEIPT_SUBJECT = _any(
    r"(?:not )?read",
    r"read receipt",
    r"return receipt(?: \(displayed\))?",
    r"displayed",
    r"gelesen",
    r"(?:не )?прочитано",
    r"прочтено",
    r"(?:уведомление|подтверждение|отч[её]т|квитанция) о (?:прочтении|прочитании|доставке|получении)",
    r"подтверждение (?:прочтения|получения|доставки)",
    r"delivered",
    r"relayed",
    r"доставлено",
    before=r"\s*",
    after=r"\s*(?::|\(|- )",
)
RECEIPT_LINE = _any(
    r"(?:ваше|это|данное|your) (?:сообщение|письмо|message)\b.{0,300}(?:прочитано|прочтено|открыто|доставлено"
    r"|was read|has been read|was displayed|was delivered)",
    r"(?:сообщение|письмо)[,:]? (?:отправленное|направленное).{0,300}(?:прочитано|прочтено|открыто|доставлено)",
    r"(?:this is a|note: this) (?:return )?receipt",
    r"это (?:подтверждение|уведомление|квитанция)",
    r"замечание: это",
    r"(?:прочитано|прочтено|was read on|read:)",
    before=r"\W{0,6}",
)

# ---------------------------------------------------------------- auto-replies that say so in words only

_BEFORE_SUBJECT = r"\s*(?:\[[^\]]{1,40}\]\s*)?"
_AFTER_SUBJECT = r"\s*(?P<colon>:|\bre:|$|\(|-|–|—)"
# A robot's name for itself …
AUTO_SUBJECT = _any(
    r"автоматический ответ",
    r"автоответ(?:чик)?",
    r"автоматическое (?:сообщение|уведомление|письмо)",
    r"auto(?:matic|mated)?[\s-]?(?:reply|response|answer|responder)",
    r"auto",
    r"out[\s-]of[\s-](?:the[\s-])?office(?: (?:auto)?(?:matic )?reply)?",
    r"ooo",
    r"vacation reply",
    r"abwesenheit\w*",
    before=_BEFORE_SUBJECT,
    after=_AFTER_SUBJECT,
)
# … and an absence, which people write into a subject too: the same absence told below it is no second sign.
AWAY_SUBJECT = _any(
    r"(?:вне|не в) офис[ае]",
    r"(?:отсутствие|отсутствую|нет) (?:на (?:рабочем )?месте|в офисе)",
    r"отсутствую",
    r"(?:я )?в отпуске",
    r"в командировке",
    r"away(?: from (?:the |my )?(?:office|mail|desk))?",
    r"(?:on )?vacation",
    before=_BEFORE_SUBJECT,
    after=rf"(?:\s(?:с|до|по)\s\d{{1,2}}\b.{{0,40}})?{_AFTER_SUBJECT}",
)
# Said in the first person by one who is away …
AWAY = _anywhere(
    r"(?:сейчас |временно )?(?:нахожусь|пребываю|буду|ушла?|уш[её]л|я сейчас|я) в (?:[а-яё]+ ){0,3}(?:отпуск\w*"
    r"|командировк\w*|декрет\w*)",
    r"отсутствую|буду отсутствовать|(?:сотрудник|адресат|получатель|владелец ящика)\w* (?:\S+ ){0,4}отсутствует",
    r"меня (?:нет|не будет)",
    r"(?:нахожусь|буду|сейчас) (?:вне|не в) офис\w+",
    r"(?:сейчас )?не (?:на рабочем месте|у компьютера|в офисе)",
    r"на больничном",
    r"(?:наш )?офис (?:закрыт|не работает)",
    r"(?:уехал|уплыл|улетел|отбыл|укатил)а?\b|(?:ушла|уш[её]л) в (?:поход|море|горы|рейс|плавание)",
    r"в (?:отъезде|отлучке|рейсе|плавании|экспедиции)\b",
    r"(?:почты|интернета|связи) (?:(?:там|здесь|почти|совсем|вообще|пока|у меня|практически) ){0,2}(?:нет|не будет)\b",
    r"i(?: am|'m| will be) (?:currently )?(?:out of|away|on (?:vacation|leave|holiday|annual|a business))",
    r"currently out of",
    before=r"\b",
)
# … and where to turn meanwhile, or when the answer comes.
MEANWHILE = _anywhere(
    r"по (?:всем |любым )?(?:срочн\w{1,20}|неотложн\w{1,20}|текущим|рабочим|важным)? ?(?:и \w{1,30} )?вопрос\w{0,20}"
    r" .{0,60}(?:обращ|пис|пиш|звон|связ)",
    r"(?:в|при) (?:экстренн|срочн|неотложн)\w+ (?:случа|необходим|ситуац)",
    r"(?:если|при|в случае) .{0,40}срочн\w*",
    r"по (?:срочн|неотложн)\w+ вопрос\w+",
    r"по вопросам [^.!?\n]{0,60}(?::|@|\bдоб\b|\bтел\b|\d-\d\d)",
    r"срочное\b|отвечаю (?:на \w{1,20} )?(?:редко|реже|с задержкой)",
    r"отве(?:чу|тим)\b|буд(?:у|ем) на связи (?:только )?(?:со?\b|после|через|\d|по (?:возвращ|приезд)"
    r"|в (?:понед|вторн|сред|четв|пятн|субб|воскр))",
    r"(?:смогу|сможем) (?:вам )?ответить",
    r"(?:вернусь|выйду|выхожу|возвращаюсь)\b|после (?:моего )?возвращения",
    r"(?:письмо|сообщение) будет (?:прочитано|рассмотрено)",
    r"доступ\w* к (?:рабочей )?(?:почте|электронной|интернету)",
    r"меня (?:за)?меща\w+|замещает|за меня \w+|обязанности исполняет",
    r"обращайтесь|обращаться к",
    r"in (?:urgent|case of|an emergency)|for urgent|if (?:this|it|your).{0,30}urgent",
    r"please contact|limited access|when i return|upon my return|i will (?:be back|reply|respond|return|get back)",
    before=r"\b",
)
# A robot that says so itself, and is not told of …
_NOT_TOLD_OF = r"(?! (?:\w{1,20} ){0,3}(?:приш|приход|получ|пишет|висит|с портала|на портале|на почту|и вс[её]\b))"
SAYS_AUTOMATIC = _anywhere(
    r"(?:это|данное|настоящее) (?:электронное )?(?:письмо|сообщение|уведомление)[^.!?\n]{0,60}"
    r"(?:автоматическ\w+|(?:отправл|созда|сформирова|подготовл|написа|сгенерирова)\w{1,4} роботом)",
    r"[^.!?\n]{0,80}\bоно (?:создано|сформировано|отправлено) автоматически",
    r"(?:это|данный) автоматическ\w+[^.!?\n]{0,40}(?:ответ|письмо|сообщение|уведомление)",
    r"это автоответ\w*",
    r"отправлено автоматически\b",
    r"(?:письмо|сообщение|уведомление|ответ) (?:было )?(?:сформирован|создан|отправлен"
    r"|сгенерирован)\w* автоматическ\w+",
    rf"автоматическое (?:сообщение|уведомление|письмо|подтверждение)\b{_NOT_TOLD_OF}",
    rf"автоматический ответ\b{_NOT_TOLD_OF}",
    r"this (?:is an|is a system|(?:message|e-?mail) (?:is|was|has been))[^.!?\n]{0,40}automat\w+",
    r"automat(?:ed|ic) (?:message|reply|response|e-?mail|notification)",
    before=r"(?:^|[.!]\s)[\W_]{0,6}",
)
# … and one that thanks for the letter.
GOT_YOUR_LETTER = _anywhere(
    r"ваше (?:обращение|письмо|сообщение|заявк\w|запрос)\b[^.!?\n]{0,80}(?:получен|принят|зарегистрирован|доставлен)",
    r"ваша (?:заявка|почта)\b[^.!?\n]{0,80}(?:получена|принята|зарегистрирована)",
    r"(?:благодарим|спасибо) (?:вас )?за (?:ваше |то, что |проявленн\w+ )?(?:обращени|письмо|сообщени|запрос"
    r"|обратил|интерес)",
    r"мы (?:получили|приняли|рассмотрим) ваш\w",
    r"(?:we|i) (?:have )?received your|your (?:message|e-?mail|request) has been received",
    r"thank you for (?:contacting|your (?:e-?mail|message|letter|request|interest))",
    before=r"^(?:\W{0,3}(?:здравствуйте|добрый день|уважаем\w+ [^!\n]{1,40}|hello|dear [^,\n]{1,40})\W{1,4})?\W{0,3}",
)
# What a help desk says of the ticket that it opened for a letter.
CONFIRMS = _anywhere(
    r"(?:номер|№) ваше(?:й|го) (?:заявки|обращения|запроса|тикета)\b",
    r"ваше(?:й|му) (?:заявк|обращени|запрос)\w{1,3} (?:\w{1,20} )?(?:присвоен|назначен)",
    r"(?:заявка|обращение|запрос|тикет) (?:№|#|n)? ?\S{0,20}\d\S{0,20} (?:создан|зарегистрирован|принят)",
    r"(?:специалист|менеджер|оператор|сотрудник|консультант)\w{0,2} (?:\w{1,20} ){0,5}(?:свяж[еу]тся|ответ[ия]т)",
    r"(?:мы|с вами) (?:\w{1,20} ){0,3}свяж(?:емся|утся)",
    r"your (?:ticket|request|case) (?:number|id)\b|ticket (?:has been|was) (?:created|opened|assigned)",
    before=r"\b",
)
# The mailbox itself is given up; an address alone may be where somebody lives …
BOX_NOT_READ = _anywhere(
    r"(?:(?:этот|данный|старый|прежний|мой|наш) ){0,2}(?:(?:почтовый |электронный )?ящик|электронный адрес|e-?mail"
    r"|адрес(?= электронной почты| \S{1,60}@))"
    r"(?: электронной почты| \S{1,60}@\S{1,60})? (?:(?:больше|более|уже|давно) ){0,2}(?:не (?:(?:просматрива|чита"
    r"|обслужива|проверя)(?:ется|ют)|использу(?:ется|ют)|действует|актив)|закрыт\b|отключ[её]н\b|удал[её]н\b)",
    r"(?:этот|данный) адрес (?:(?:больше|более|уже|давно) ){0,2}не (?:(?:просматрива|чита|обслужива|проверя)(?:ется|ют)"
    r"|использу(?:ется|ют)(?=[^\n]{0,60}@))",
    r"(?:эт[ау]|данн(?:ая|ую)|стар(?:ая|ую)|прежн(?:яя|юю)) почт[ау] (?:(?:больше|более|уже|давно) ){0,2}"
    r"(?:не (?:(?:просматрива|чита|проверя)(?:ется|ют)|использу(?:ется|ют))|закрыта\b|отключена\b)",
    r"this (?:mailbox|inbox|(?:e-?mail )?address) is (?:no longer|not) (?:monitored|in use|used|active|read)",
    before=r"(?:^|[.!,]\s)[\W_]{0,6}",
)
# … and where to write instead.
ELSEWHERE = _anywhere(
    r"\S{1,60}@\S{1,60}\.\S",
    r"(?:пишите|используйте|направляйте|обращайтесь|звоните|свяжитесь|новый адрес|please (?:use|write|contact))\b",
    before="",
)
