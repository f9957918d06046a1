"""Closed word lists: what starts sentences without being a name, and the characters Chinese names are written with."""

from __future__ import annotations

_STARTERS = """
according accordingly actually additional additionally afterward afterwards all almost along already also although
always among and another answer any anyone anything apart approximately around as aside at away because besides both
but certain clearly click common compared consequently contrary create currently depending despite different dr due
each early earlier eight either eleven else even eventually ever every everyone everything example examples fewer
fifth figure finally first five for four fourth from further furthermore general given good half hence here high his
how however hundreds if important in indeed initially instead it its just large last late later latter least less
let like likewise little long lower made major make many maybe meanwhile millions modern more moreover most mr mrs ms
much multiple name near nearly neither never new next nine no nobody none nor not note nothing now of often old on
once one only open or other others otherwise our out over part people perhaps please possible previously prior
probably rather read recent recently regardless respectively same second see select set seven several similar
similarly since six small so some someone something sometimes somewhat soon still such suppose table take ten than
thanks that the then there thereafter therefore these they third this those though thousands three through thus to
today together too toward towards traditionally twelve twenty two typically under unless unlike until upon upper use
used usually various very via we well what whatever when whenever where whereas whether which while who whoever whose
why with within without work world yes yet you your children men women water students scientists experts researchers
"""
SENTENCE_STARTERS = frozenset(_STARTERS.split())
# Characters that are words of their own: particles, pronouns, adverbs, common verbs of one character.
HAN_FUNCTION = (
    "的了是在和与或及其被把对从到也都就而于为以之这那他她它我你们等中上下里外后前时个一不有会能可将并且但若则因所由此该"
    "得过着给让又再才还便即至往当很太更最共各每某另般些名位号条项种称姓叫说做写用受使向比如未没无非很曾已只"
)
TRANSLITERATION = frozenset(
    "阿埃艾爱安奥巴拜班保鲍贝本比彼毕波伯勃博布查达戴丹德迪蒂丁杜多厄恩尔法菲费芬弗福夫盖冈戈格根古哈海汉赫亨华怀霍基"
    "吉加贾杰捷金卡凯坎康柯科克肯库拉莱兰朗劳勒雷黎里利莉丽琳列林隆卢鲁路伦罗洛马玛迈麦曼梅门蒙米密莫墨姆穆纳娜内尼涅"
    "宁纽诺努欧帕潘培佩彭皮珀蒲普齐恰乔切琼丘热日茹瑞萨塞桑瑟莎沙舍什史施斯丝思松苏索塔泰坦汤唐特滕蒂廷图托瓦万威韦维"
    "魏温文翁沃乌武西希锡夏香谢辛休雅亚扬耶叶伊易英尤约泽扎詹兹祖佐缇黛姬妮蕾"
)
FAMILY_NAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
PLACE_ENDINGS = frozenset("国市州省县郡镇岛港寺党队族")
