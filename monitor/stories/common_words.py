"""Words that say nothing about an event: what is known of a language before the store has seen any of it.

Beside the article's way: while terms are weighed (:mod:`monitor.stories.sketch`). A few dozen for each language, of
four letters or more, folded as texts are. Shorter words are taken for common whatever they are; what else is common
the store's own counts tell soon enough.
"""

from __future__ import annotations

from monitor.text import fold

__all__ = ["COMMON_WORDS"]

_BY_LANGUAGE = """
en about after also amid been before being could does down during ever first from have having here into its just last
   like made make many more most much must near news next only other over says said should since some such than that
   their them then there these they this those three time today told under until upon very want week well were what
   when where which while will with would year years your
it alla alle anche ancora anni anno cosa come contro dalla dalle degli della delle dello dopo essere fatto hanno
   loro nella nelle nello oggi ogni perche prima quando quello questa questo senza sono stata stato sulla sulle tutti
   tutto
fr ainsi alors apres aussi autre avant avec avoir bien cette ceux chez comme contre dans depuis deux dont elle encore
   entre etait etre fait faire leur leurs lors mais meme moins notre nous pour plus quand sans selon sera sont
   sous tous
   tout tres vers vous
de aber alle also andere auch beim dann dass dem diese dieser dieses doch durch einem einen einer eines gegen haben
   hatte heute ihre ihrer immer jahr jahre kann kein keine mehr mit muss nach nicht noch nur oder ohne schon
   sein seine
   seiner seit sich sind soll sowie uber unter viel vom von vor wegen weil wenn werden wird worden wurde wurden
   zum zur
   zwei zwischen
es ahora ante antes anos aunque cada como contra cuando desde despues donde dijo ella ellos entre esta estaba estan
   este esto fueron habia hace hacia hasta muy nada otra otros para pero porque quien segun sera sido sobre solo
   tambien tiene todo todos tras unos
pt acao agora ainda alem anos antes apenas apos assim cada como contra depois desde disse durante ela eles entre essa
   esta estao estava este fazer foram havia isso mais mesmo muito nao numa onde outra outros para pela pelo porque
   quando quem segundo sera seus sobre sido suas tambem todos
nl aan alle als bij daar dan deze door echter een eens geen gaat haar hebben heeft heel hier hoe hun jaar kan
   maar meer
   met naar niet nog nu ook onder over sinds tegen toch tot tussen twee uit van veel volgens voor waar wanneer want
   waren was weer welke werd werden wordt zijn zich zijn zou
pl bardzo bedzie beda byla bylo byly dlatego dnia gdzie iich ich jak jako jednak jego jest jeszcze juz kiedy ktora
   ktore ktory ktorych latach moze mozna nich niego oraz ostatnio podczas poniewaz ponad przed przez przy roku rowniez
   swoje tego tych tylko tym wiele wiec wszystkich zeby zostal zostala
tr ama ancak artik ayni bazi belki bile bir biri bunu butun cok daha dedi diger diye eden edilen gibi gore hangi hatta
   icin idi ile ilk ise kadar karsi kendi nasil neden olan olarak oldu oldugu olmak onlar onun sadece soyledi sonra
   tarafindan uzere vardi veya yapilan yeni yuzde
ru без был была были было ведь весь все всего вчера где год года году даже для его если есть еще или как когда которая
   которые который которых между менее может над него нее них об однако она они около она оно очень перед под после
   потому почти при про своей своих себя сказал сейчас так также такой там теперь тогда того тоже только том уже чего
   чем через что чтобы этим этих это этого этой этом эту
uk адже але без був була були було все всі вже відтак від він вона вони воно якщо для його ще коли якби який яка які
   якого між може над нього неї них однак під після при про своїх себе сказав так також там тепер тільки того тому
   через чого щоб цей цієї цього цьому цю
hy այդ այժմ այն այնպես այս այսօր բայց բոլոր դեպի եթե ենք եին են երբ եվ զի էին իսկ իր իրենց կարող համար հետ մասին մեջ
   մենք մինչ նա նաեվ նրա նրանց նրանք որ որի որոնք որպես որը պետք վրա տարի տարվա
ar اذا الان التي الذي الذين الى ان او اي ايضا بان بعد بعض بين تكون تلك تم ثم حتى حول حين حيث خلال دون ذلك سوف ضد
   على عام عن عند عندما غير فقد في فيها قال قالت قبل قد كان كانت كل كما لا لكن لم لن له لها ما مع من منذ منها هذا هذه
   هم هناك هو هي وقد وكان يكون يوم
fa آن آنها از است اگر اما او اي اين با بايد باشد بر براي بود بودند به بين پس تا چه خود خواهد دارد در ديگر را رسيد
   زير سال سپس شد شده شود كه كرد كرده كند كنند گفت ما مي نيز نيست هاي هر هم همه هيچ و يا يك
he אבל או אולי אחר אחרי אחת איך אין אך אל אלה אם אנחנו אני אף את בה בו בין בית גם היא היה היו היום הוא הם הן הרבה
   ואז זאת זה זו יותר יש כאן כאשר כבר כדי כי כל כמו כן לא לאחר לה להיות לו לפני מאוד מה מי מן מספר עד עוד על עם
   עצמו פי רק של שלא שלו שלה שלהם שנה שנים תחת
zh 一个 一些 一名 一种 不会 不是 他们 以及 但是 可以 可能 因为 这个 这些 这样 进行 还是 通过 我们 没有 已经
   成为 对于 目前 表示 认为 关于 由于 自己 其中 之后 之前 就是
   如果 所有 时候 此外 今年 年前 今日 时间 的人 的是 也是 将会
ja して した する ます です から まで こと もの これ それ この その など ない なる なっ れる られ いる いた
   ある あっ った って ため とい いう には では との での も
   のは という として について による により ました ません 年に 月に 日に
vi cua cho cac nhung duoc trong mot khong nguoi voi nay khi tai den nhu theo tren nam ngay cung vao sau phai viec ra
   con lai nhieu hon truoc biet
"""


def _read() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    language = ""
    for line in _BY_LANGUAGE.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            language = words.pop(0)
        found[language] = found.get(language, frozenset()) | {fold(word) for word in words}
    return found


COMMON_WORDS = _read()
"""By language (ISO 639-1)."""
