"""The words of the example handbook: a made-up company, Larkfield Instruments."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it."""

    heading: str
    paragraphs: list[str]
    table: list[list[str]] = field(default_factory=list)


LEAVE = """# Leave

This page is for everyone employed by Larkfield Instruments in Europe.

## Annual leave

You have 24 days of annual leave in your first year. Each further year adds one day, up to 30 days. \
Part-time staff have the same number of weeks. Up to five unused days carry over to 31 March of the next year; \
after that they lapse.

Ask for leave in the staff portal at least two weeks ahead. Your team lead answers within three working days.

## Sick leave

Tell your team lead before 9:30 on the first day. From the fourth day on you need a doctor's certificate, which you \
upload in the staff portal. Pay continues in full for six weeks.

## Parental leave

Either parent may take up to twelve months. Give notice eight weeks before it begins. Two of the months can be taken \
while working half time.

## Special days off

| occasion | days |
| --- | --- |
| own wedding | 2 |
| moving house | 1 |
| birth of a child | 3 |
| death of a close relative | 4 |
"""

TRAVEL = [
    Section(
        "Booking",
        [
            "Book trains and flights through the travel desk at least ten days ahead. Trains come first: a flight needs "
            "a reason where the train takes less than five hours.",
            "Second class is the rule on trains. First class is allowed on journeys of more than four hours.",
        ],
    ),
    Section(
        "Hotels",
        [
            "A room may cost up to 180 euros a night, breakfast included. A hotel that costs more than 180 euros a night "
            "is approved by the head of finance before it is booked.",
        ],
    ),
    Section(
        "Meals and daily allowance",
        [
            "The allowance replaces receipts for meals. It is cut by a third for each meal that a host provides."
        ],
        [
            ["country", "full day", "half day"],
            ["Germany", "28 euros", "14 euros"],
            ["France", "40 euros", "20 euros"],
            ["Switzerland", "66 euros", "33 euros"],
            ["China", "48 euros", "24 euros"],
        ],
    ),
    Section(
        "Claiming expenses",
        [
            "Hand in the expense report within 30 days after the journey. Attach a receipt for every item over 10 euros. "
            "The money is paid with the next salary.",
            "A lost receipt is replaced by a signed note; more than three such notes a year need the agreement of finance.",
        ],
    ),
]

SECURITY = [
    Section(
        "Access cards",
        [
            "Wear your access card where it can be seen. Never lend it to anyone.",
            "If you lose your access card, call the service desk at extension 4400 within one hour. The card is blocked "
            "at once, and you get a new one at reception for a fee of 15 euros.",
            "Visitors are met at reception, wear a yellow card and are never left alone in the laboratories.",
        ],
    ),
    Section(
        "Passwords",
        [
            "A password has at least 14 characters. The password manager that is installed on every laptop makes and "
            "keeps them. Passwords are not changed on a schedule, only when there is a suspicion.",
            "To reset your password, open the sign-in page, choose 'Forgotten', and confirm with the code on your phone. "
            "Without your phone, go to the service desk in room B 017 with an identity card.",
        ],
    ),
    Section(
        "Laptops and data",
        [
            "The disk of every laptop is encrypted. Customer measurements stay on the company drive and are never copied "
            "to private devices.",
            "Report a stolen laptop to the service desk and to the police on the same day.",
        ],
    ),
]

EQUIPMENT: dict[str, list[list[object]]] = {
    "Equipment": [
        ["Item", "Replaced after", "Ordered through", "Cost centre"],
        ["Laptop", "4 years", "service desk", "IT-100"],
        ["Monitor", "7 years", "service desk", "IT-100"],
        ["Phone", "3 years", "service desk", "IT-110"],
        ["Headset", "2 years", "team assistant", "IT-120"],
        ["Soldering station", "10 years", "laboratory manager", "LAB-300"],
        ["Oscilloscope", "12 years", "laboratory manager", "LAB-310"],
    ],
    "Contacts": [
        ["Team", "Room", "Extension"],
        ["Service desk", "B 017", 4400],
        ["Travel desk", "A 112", 4420],
        ["Facilities", "A 003", 4450],
    ],
}

ONBOARDING_HTML = """<!doctype html>
<html lang="en"><head><title>Your first week</title>
<script>window.tracker = "this script must not be read";</script></head>
<body>
<nav><a href="/">Home</a> <a href="/news">News</a> <a href="/people">People</a></nav>
<main><article>
<h1>Your first week</h1>
<p>Welcome to Larkfield Instruments. This page tells what happens in your first five days.</p>
<h2>Monday</h2>
<p>Come to reception in building A at 9:00 with your identity card. You get your access card, your laptop and a tour
of the laboratories. Your mentor joins you for lunch.</p>
<h2>Tuesday to Thursday</h2>
<p>You take the laser safety course, which is needed before you may enter the optics laboratory on your own. It lasts
four hours and ends with a short test; the certificate is valid for two years.</p>
<h2>Friday</h2>
<p>At 14:00 you talk with your team lead about the goals of your first hundred days. The probation period is six
months, and both sides may end it with two weeks' notice.</p>
</article></main>
<footer>Larkfield Instruments, imprint, privacy</footer>
</body></html>
"""

CANTEEN_MAIL = """Dear all,

from 2 March the canteen in building A opens at 11:15 and closes at 14:15. On Fridays it closes at 13:45.
Breakfast is no longer served there; the coffee bar in the lobby has it from 7:30 to 10:00.

You pay with your access card. Guests pay cash or by card at till 2. The new prices are attached.

Your facilities team
"""

CANTEEN_PRICES = """dish,staff price,guest price
daily dish,4.80 euros,7.20 euros
vegetarian dish,4.20 euros,6.60 euros
salad bar (100 g),1.10 euros,1.50 euros
soup,2.30 euros,3.40 euros
"""

LEAVE_ZH = """# 员工休假

本页适用于拉克菲尔德仪器公司在中国的全体员工。

## 年假

入职第一年享有12天带薪年假，以后每满一年增加1天，最多20天。未休完的年假可以保留到次年3月31日，过期作废。

请至少提前两周在员工系统中提交申请，直属主管应在三个工作日内答复。

## 病假

请在生病当天上午9:30之前通知直属主管。病假超过三天的，须在员工系统中上传医院证明。

## 婚假与陪产假

| 事由 | 天数 |
| --- | --- |
| 结婚 | 10天 |
| 陪产 | 15天 |
| 搬家 | 1天 |
| 直系亲属去世 | 3天 |
"""

TRAVEL_ZH = [
    Section(
        "预订",
        [
            "火车票和机票由差旅组统一预订，请至少提前十天提出申请。高铁五小时以内可以到达的，一般不乘飞机。",
            "高铁乘坐二等座；行程超过四小时的，可以乘坐一等座。",
        ],
    ),
    Section(
        "住宿",
        [
            "住宿标准为一线城市每晚不超过600元，其他城市每晚不超过450元。超过标准的，须事先由财务总监批准。"
        ],
    ),
    Section(
        "报销",
        [
            "出差回来后，请在30天内提交报销单，并附上发票。报销款随下个月工资一起发放。",
            "发票遗失的，可以用签字说明代替，每年最多三次。",
        ],
        [["项目", "每日补贴"], ["餐费", "100元"], ["市内交通", "60元"]],
    ),
]

SECURITY_SLIDES_ZH = [
    Section(
        "门禁卡",
        [
            "门禁卡须佩戴在显眼位置，不得转借他人。",
            "门禁卡遗失后，请在一小时内拨打服务台分机4400，服务台会立即停用该卡。",
            "补办新卡的费用为100元。",
            "备注：访客须佩戴黄色访客卡，并由员工全程陪同。",
        ],
    ),
    Section(
        "密码",
        [
            "密码长度不少于14个字符。",
            "忘记密码时，请在登录页面选择“忘记密码”，并用手机验证码确认。",
            "备注：没有手机时，请携带身份证到B017房间的服务台办理。",
        ],
    ),
    Section(
        "客户数据",
        [
            "客户的测量数据只能保存在公司网盘，不得复制到个人设备。",
            "笔记本电脑被盗的，须在当天向服务台和公安机关报告。",
            "备注：所有笔记本电脑的硬盘都已加密。",
        ],
    ),
]

EQUIPMENT_ZH = [
    ["设备", "更换周期", "申请部门", "成本中心"],
    ["笔记本电脑", "每4年更换一次", "服务台", "IT-100"],
    ["显示器", "每7年更换一次", "服务台", "IT-100"],
    ["手机", "每3年更换一次", "服务台", "IT-110"],
    ["示波器", "每12年更换一次", "实验室经理", "LAB-310"],
    ["焊台", "每10年更换一次", "实验室经理", "LAB-300"],
]

SUPPORT_ZH = [
    Section(
        "联系方式",
        [
            "客户支持热线为400-820-0199，工作日上午9点至下午6点有人接听。",
            "紧急故障可以发送邮件到support@larkfield.example，两小时内答复。",
        ],
    ),
    Section(
        "远程诊断",
        [
            "工程师可以通过远程诊断查看仪器状态，但必须先得到客户的书面同意。",
            "远程诊断期间，客户可以随时按下面板上的红色按钮中断连接。",
        ],
    ),
    Section(
        "校准",
        [
            "光谱仪每12个月校准一次，湿度计每6个月校准一次。校准证书由苏州实验室签发。",
            "校准通常需要五个工作日，加急服务为两个工作日，费用增加百分之三十。",
        ],
    ),
]

WARRANTY_ZH = """保修说明

一、保修期
所有仪器自验收之日起保修24个月，电池和灯管保修6个月。

二、不在保修范围内的情况
因跌落、进水或自行拆卸造成的损坏不在保修范围内。超出额定电压使用造成的损坏也不予保修。

三、返修流程
请先拨打客户支持热线取得返修编号，再把仪器寄到苏州工业园区星湖街88号。没有返修编号的包裹将被退回。
"""

LAB_SAFETY_ZH = [
    Section(
        "激光安全",
        [
            "进入光学实验室之前，必须通过激光安全课程的考试。课程时长为四小时，证书有效期为两年。",
            "四级激光器工作时，门口的红灯会亮起，此时任何人不得开门。",
        ],
    ),
    Section(
        "化学品",
        [
            "丙酮和异丙醇存放在三号柜，每人每次最多领取500毫升。",
            "废液倒入蓝色废液桶，由安全员每周五统一处理。",
        ],
    ),
    Section(
        "应急",
        [
            "发生火灾时，按下走廊的手动报警按钮，并沿绿色标志撤离到东门停车场集合。",
            "洗眼器位于每个实验室的水槽旁，使用时须连续冲洗至少15分钟。",
        ],
    ),
]
