"""Writes the example handbook of the demo, in English and Chinese, in ten formats.

The files are committed; run this again only to change them:
    pip install python-docx openpyxl python-pptx reportlab
    python tools/make_handbook.py src/surefoot/cli/data/handbook
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from email.message import EmailMessage
from pathlib import Path

from docx import Document
from handbook_text import (
    CANTEEN_MAIL,
    CANTEEN_PRICES,
    EQUIPMENT,
    EQUIPMENT_ZH,
    LAB_SAFETY_ZH,
    LEAVE,
    LEAVE_ZH,
    ONBOARDING_HTML,
    SECURITY,
    SECURITY_SLIDES_ZH,
    SUPPORT_ZH,
    TRAVEL,
    TRAVEL_ZH,
    WARRANTY_ZH,
    Section,
)
from openpyxl import Workbook
from pptx import Presentation
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer


def main(folder: Path) -> None:
    """Writes all files below `folder`."""
    english, chinese = folder / "en", folder / "zh"
    for place in (english, chinese):
        place.mkdir(parents=True, exist_ok=True)
    (english / "leave.md").write_text(LEAVE, encoding="utf-8")
    write_docx(english / "travel-and-expenses.docx", "Travel and expenses", TRAVEL)
    write_pdf(english / "security.pdf", "Security", SECURITY, font="Helvetica")
    write_xlsx(english / "it-equipment.xlsx", EQUIPMENT)
    (english / "onboarding.html").write_text(ONBOARDING_HTML, encoding="utf-8")
    write_mail(english / "canteen.eml")
    (chinese / "员工休假.md").write_text(LEAVE_ZH, encoding="utf-8")
    write_docx(chinese / "差旅与报销.docx", "差旅与报销", TRAVEL_ZH)
    write_pptx(chinese / "信息安全.pptx", SECURITY_SLIDES_ZH)
    write_csv(chinese / "设备更换.csv", EQUIPMENT_ZH)
    write_epub(chinese / "客户支持.epub", "客户支持手册", SUPPORT_ZH)
    (chinese / "保修说明.txt").write_text(WARRANTY_ZH, encoding="gb18030")
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    write_pdf(chinese / "实验室安全.pdf", "实验室安全", LAB_SAFETY_ZH, font="STSong-Light")


def write_docx(file: Path, title: str, sections: list[Section]) -> None:
    """Headings, paragraphs and tables."""
    document = Document()
    document.core_properties.title = title
    document.core_properties.author = "Larkfield Instruments"
    document.add_heading(title, 0)
    for section in sections:
        document.add_heading(section.heading, 1)
        for paragraph in section.paragraphs:
            document.add_paragraph(paragraph)
        if section.table:
            table = document.add_table(rows=0, cols=len(section.table[0]))
            for row in section.table:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
    document.save(str(file))


def write_pdf(file: Path, title: str, sections: list[Section], *, font: str) -> None:
    """One section a page."""
    wrap = "CJK" if font == "STSong-Light" else None
    body = ParagraphStyle("body", fontName=font, fontSize=11, leading=17, wordWrap=wrap)
    heading = ParagraphStyle("heading", fontName=font, fontSize=16, leading=24, wordWrap=wrap)
    story = [Paragraph(title, ParagraphStyle("title", parent=heading, fontSize=22, leading=30))]
    for i, section in enumerate(sections):
        story += [PageBreak()] if i else []
        story += [Paragraph(section.heading, heading), Spacer(1, 8)]
        for text in section.paragraphs:
            story += [Paragraph(text, body), Spacer(1, 8)]
    SimpleDocTemplate(
        str(file), pagesize=A4, title=title, author="Larkfield Instruments", invariant=1
    ).build(story)


def write_xlsx(file: Path, sheets: dict[str, list[list[object]]]) -> None:
    """One sheet a table."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(file)


def write_pptx(file: Path, slides: list[Section]) -> None:
    """Title and bullet points, with speaker notes from the last paragraph."""
    show = Presentation()
    for section in slides:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = section.heading
        slide.placeholders[1].text = "\n".join(section.paragraphs[:-1])
        slide.notes_slide.notes_text_frame.text = section.paragraphs[-1]
    show.save(str(file))


def write_csv(file: Path, rows: list[list[str]]) -> None:
    """GB18030, as office programs in China write it."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file.write_bytes(text.getvalue().encode("gb18030"))


def write_mail(file: Path) -> None:
    """A mail with an attached table."""
    mail = EmailMessage()
    mail["From"] = "Facilities <facilities@larkfield.example>"
    mail["To"] = "All staff <staff@larkfield.example>"
    mail["Subject"] = "New canteen hours from March"
    mail["Date"] = "Mon, 12 Jan 2026 09:00:00 +0000"
    mail.set_content(CANTEEN_MAIL)
    mail.add_attachment(CANTEEN_PRICES, subtype="csv", filename="prices.csv")
    mail.set_boundary("=== larkfield ===")
    file.write_bytes(bytes(mail))


CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="zh">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">larkfield-support</dc:identifier>
<dc:title>{title}</dc:title><dc:language>zh</dc:language><dc:creator>Larkfield Instruments</dc:creator></metadata>
<manifest>{items}</manifest><spine>{spine}</spine></package>"""
CHAPTER = """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{heading}</title></head><body><h1>{heading}</h1>{body}</body></html>"""


def write_epub(file: Path, title: str, sections: list[Section]) -> None:
    """One chapter a section."""
    names = [f"chapter{i}.xhtml" for i in range(len(sections))]
    items = "".join(
        f'<item id="{n[:-6]}" href="{n}" media-type="application/xhtml+xml"/>' for n in names
    )
    spine = "".join(f'<itemref idref="{n[:-6]}"/>' for n in names)
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("content.opf", PACKAGE.format(title=title, items=items, spine=spine))
        for name, section in zip(names, sections, strict=True):
            body = "".join(f"<p>{text}</p>" for text in section.paragraphs)
            book.writestr(name, CHAPTER.format(heading=section.heading, body=body))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
