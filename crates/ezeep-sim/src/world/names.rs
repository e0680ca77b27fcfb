//! Names of people in several languages and scripts, and their address parts in plain ASCII.
//! Data and one folding rule; no randomness here.

/// Names of one language. A word is `name`, or `name:ascii` where the script can't be folded letter by
/// letter.
pub(super) struct Language {
    /// Share of people, out of the sum of all weights.
    pub weight: u32,
    /// Given names, with the family names that go with them.
    pub women: (&'static str, &'static str),
    pub men: (&'static str, &'static str),
    /// Japanese and Vietnamese write the family name first; the address and the fields do not.
    pub joins_with_hyphen: bool,
}

const GERMAN: &str = "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf \
Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Lehmann Köhler Herrmann König Walter \
Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth \
Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß \
Seidel Heinrich Brandt Haas Schreiber Graf Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Mülheimer \
Mülders Müllejans Mülhausen Strauß Vößing Thüringer Eßer Jürgens Rößler Grünwald Süß Löwe Bär Käßmann";
const TURKISH: &str = "Yılmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin Kara Koç Kurt \
Özkan Şimşek Polat Korkmaz Çakır Erdoğan Güneş Aksoy Güler Bulut Keskin Ünal Mülayim Tekin Yavuz Taş Aktaş Uçar Işık Gül Avcı Tunç";
const FRENCH: &str = "Martin Bernard Dubois Lefèvre Moreau Laurent Lemaître Géroux Béranger Desjardins Côté François Château Rivière \
Léger Gauthier Périer Boucher Noël Renaud Chevallier Blanc Guérin Mercier Beauséjour Duprés Hervé Leclerc Marchand Rousseau";
const NORDIC: &str = "Hansen Johansen Olsen Larsen Nilsen Kristoffersen Bjørnstad Sørensen Jørgensen Østergaard Åkerström Lindqvist \
Sjöberg Björklund Nyström Müllerström Håkansson Bergström Ångström Lövgren Mäkinen Virtanen Hämäläinen Korhonen Søndergaard Kjær Bøe \
Skaarsgård Gråbøl Ødegård Thorvaldsen Ekström";
const VIETNAMESE: &str = "Nguyễn:nguyen Trần:tran Lê:le Phạm:pham Hoàng:hoang Huỳnh:huynh Phan:phan Vũ:vu Võ:vo Đặng:dang Bùi:bui Đỗ:do \
Hồ:ho Ngô:ngo Dương:duong Lý:ly Đinh:dinh Trịnh:trinh";
const ARABIC: &str = "الحسن:al-hassan العلي:al-ali حداد:haddad خوري:khoury النجار:al-najjar منصور:mansour درويش:darwish الشامي:al-shami \
صالح:saleh حمدان:hamdan قاسم:qasim البغدادي:al-baghdadi عبدالرحمن:abdulrahman يوسف:yousef";
const UKRAINIAN: &str = "Шевченко:shevchenko Коваленко:kovalenko Бондаренко:bondarenko Ткаченко:tkachenko Кравченко:kravchenko \
Олійник:oliinyk Шевчук:shevchuk Поліщук:polishchuk Мельник:melnyk Лисенко:lysenko Марченко:marchenko Руденко:rudenko Савчук:savchuk \
Петренко:petrenko Щербак:shcherbak Гончар:honchar Іваненко:ivanenko";
const JAPANESE: &str = "佐藤:sato 鈴木:suzuki 高橋:takahashi 田中:tanaka 渡辺:watanabe 伊藤:ito 山本:yamamoto 中村:nakamura 小林:kobayashi \
加藤:kato 吉田:yoshida 山田:yamada 松本:matsumoto 井上:inoue";
const IBERIAN: &str = "García Fernández González Rodríguez Martínez Sánchez Pérez Gómez Muñoz Núñez Iglesias Peña Araújo Conceição \
Gonçalves Magalhães Simões Guimarães Assunção Ibáñez Yáñez Cordeiro Antunes Figueiredo";

pub(super) const LANGUAGES: [Language; 12] = [
    Language {
        weight: 44,
        women: (
            "Anna Annika Lena Leonie Mia Emma Hannah Marie Sophie Johanna Clara Charlotte Katharina Franziska Jana Käthe Jördis Nele \
Friederike Ursula Gudrun Bärbel Sabine Ulrike Steffi Heike Dörte Antje Svenja Wiebke Amélie Elif-Marie Greta Rosa Paula Ida Frieda \
Mathilda Nadia Ines Karla Petra Monika Renate",
            GERMAN,
        ),
        men: (
            "Jonas Lukas Finn Leon Paul Felix Max Jan Tim Niklas Jürgen Jörg Günter Björn Sören Götz Rüdiger Uwe Heiko Torsten Kai-Uwe \
Hans-Peter Karl Friedrich Emil Anton Theo Oskar Mats Lars Wim Matthias Andreas Stefan Thomas Michael Sebastian Tobias Florian Benedikt \
Konstantin Leopold Maximilian",
            GERMAN,
        ),
        joins_with_hyphen: true,
    },
    Language {
        weight: 13,
        women: (
            "Ayşe Fatma Zeynep Elif Sibel Gülşen Çiğdem Özlem Şule Yağmur İpek Büşra Tuğba Aslı Nilgün Güneş Selin Derya Hülya Ebru",
            TURKISH,
        ),
        men: (
            "Mehmet Mustafa Ahmet Bülent Ömer Çağlar Şükrü Yiğit Oğuz İbrahim Kağan Barış Tuğrul Görkem Umut Emre Cem Deniz Hüseyin Süleyman",
            TURKISH,
        ),
        joins_with_hyphen: false,
    },
    Language {
        weight: 9,
        women: (
            "Agnieszka Małgorzata Katarzyna Joanna Zofia Łucja Grażyna Bożena Jadwiga Wiesława Żaneta Elżbieta Kinga Aleksandra",
            "Kowalska Wiśniewska Wójcik Kamińska Lewandowska Zielińska Szymańska Woźniak Dąbrowska Kozłowska Jabłońska Mülewicz \
Piątek Żak Gołębiewska Ostrowska Święcka Brzęczyszczykiewicz",
        ),
        men: (
            "Tomasz Paweł Łukasz Michał Stanisław Zbigniew Grzegorz Wojciech Bogusław Sławomir Jarosław Mieczysław Krzysztof Jędrzej",
            "Kowalski Wiśniewski Wójcik Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Kozłowski Jabłoński Mülewicz \
Piątek Żak Gołębiewski Ostrowski Święcki Brzęczyszczykiewicz",
        ),
        joins_with_hyphen: false,
    },
    Language {
        weight: 5,
        women: (
            "Kateřina Jiřina Božena Zdeňka Růžena Lenka Markéta Eliška Anežka Žofie Šárka Tereza",
            "Nováková Svobodová Dvořáková Černá Procházková Kučerová Veselá Horáková Němcová Mülhausová Pospíšilová Králová Růžičková \
Beneš Fialová Sedláčková Říhová",
        ),
        men: (
            "Jiří Ondřej Tomáš Lukáš Matěj Vojtěch Štěpán Řehoř Zdeněk Miloš Přemysl Bedřich",
            "Novák Svoboda Dvořák Černý Procházka Kučera Veselý Horák Němec Mülhaus Pospíšil Král Růžička Beneš Fiala Sedláček Říha",
        ),
        joins_with_hyphen: false,
    },
    Language {
        weight: 6,
        women: (
            "Amélie Chloé Zoé Élodie Hélène Françoise Geneviève Noémie Maëlle Aurélie Inès Anaïs Léa Marie-Thérèse",
            FRENCH,
        ),
        men: (
            "François René Jérôme Rémi Loïc Étienne Benoît Cédric Gaël Théo Hervé Jean-Baptiste André Frédéric",
            FRENCH,
        ),
        joins_with_hyphen: true,
    },
    Language {
        weight: 8,
        women: (
            "Åse Bjørg Sølvi Kjersti Märta Göta Siiri Aino Ronja Freja Thyra Solveig Dagny Ragnhild Ylva Tove",
            NORDIC,
        ),
        men: (
            "Øyvind Bjørn Håkon Åke Sören Göran Jørn Mats Väinö Eino Torbjörn Asbjørn Rasmus Leif Ulf Gunnar",
            NORDIC,
        ),
        joins_with_hyphen: true,
    },
    Language {
        weight: 4,
        women: (
            "Thị-Hương:thi-huong Ngọc:ngoc Phương:phuong Thảo:thao Quỳnh:quynh Hạnh:hanh Yến:yen Trúc:truc Mỹ-Linh:my-linh",
            VIETNAMESE,
        ),
        men: (
            "Đức:duc Dũng:dung Hiếu:hieu Quốc-Việt:quoc-viet Thắng:thang Tuấn:tuan Bảo:bao Khánh:khanh Nghĩa:nghia",
            VIETNAMESE,
        ),
        joins_with_hyphen: false,
    },
    Language {
        weight: 4,
        women: (
            "فاطمة:fatima مريم:maryam نور:nour ليلى:layla هدى:huda زينب:zainab سلمى:salma رانيا:rania ياسمين:yasmin",
            ARABIC,
        ),
        men: (
            "محمد:mohammed أحمد:ahmad علي:ali عمر:omar خالد:khaled سامر:samer طارق:tariq كريم:karim إبراهيم:ibrahim",
            ARABIC,
        ),
        joins_with_hyphen: false,
    },
    Language {
        weight: 3,
        women: (
            "Ελένη:eleni Μαρία:maria Κατερίνα:katerina Βασιλική:vasiliki Δέσποινα:despina Χριστίνα:christina",
            "Παπαδοπούλου:papadopoulou Γεωργίου:georgiou Νικολαΐδου:nikolaidou Αντωνίου:antoniou Καραγιάννη:karagianni Οικονόμου:oikonomou",
        ),
        men: (
            "Γιώργος:giorgos Νίκος:nikos Κώστας:kostas Δημήτρης:dimitris Παναγιώτης:panagiotis Ευάγγελος:evangelos",
            "Παπαδόπουλος:papadopoulos Γεωργίου:georgiou Νικολαΐδης:nikolaidis Αντωνίου:antoniou Καραγιάννης:karagiannis Οικονόμου:oikonomou",
        ),
        joins_with_hyphen: false,
    },
    Language {
        weight: 6,
        women: (
            "Олена:olena Наталія:nataliia Ірина:iryna Юлія:yuliia Оксана:oksana Світлана:svitlana Катерина:kateryna Яна:yana Їванна:yivanna",
            UKRAINIAN,
        ),
        men: (
            "Олександр:oleksandr Сергій:serhii Андрій:andrii Дмитро:dmytro Євген:yevhen Тарас:taras Юрій:yurii Богдан:bohdan",
            UKRAINIAN,
        ),
        joins_with_hyphen: false,
    },
    Language {
        weight: 2,
        women: (
            "さくら:sakura 美咲:misaki 陽子:yoko 直美:naomi 由紀:yuki",
            JAPANESE,
        ),
        men: ("太郎:taro 健:ken 大輔:daisuke 翔:sho 直樹:naoki", JAPANESE),
        joins_with_hyphen: false,
    },
    Language {
        weight: 5,
        women: (
            "María Lucía Inês Conceição Begoña Noélia Sofía Mónica Verónica Assunção Pilar",
            IBERIAN,
        ),
        men: (
            "José João Álvaro Íñigo Martín Tomás Sebastião Raúl Joaquín Estêvão Ramón",
            IBERIAN,
        ),
        joins_with_hyphen: true,
    },
];

/// A name and its part of an address.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub text: &'static str,
    pub ascii: String,
}

/// Splits one of the lists above.
pub(super) fn parse(list: &'static str) -> Vec<Name> {
    list.split_whitespace()
        .map(|word| match word.split_once(':') {
            Some((text, ascii)) => Name {
                text,
                ascii: ascii.to_owned(),
            },
            None => Name {
                text: word,
                ascii: fold(word),
            },
        })
        .collect()
}

/// Latin letters as German offices write them in addresses: `ä` is `ae`, `ø` is `oe`; every other mark is
/// dropped.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for letter in text.chars().flat_map(char::to_lowercase) {
        let plain = match letter {
            'ä' | 'æ' => "ae",
            'ö' | 'ø' | 'œ' => "oe",
            'ü' => "ue",
            'ß' => "ss",
            'á' | 'à' | 'â' | 'ã' | 'å' | 'ą' => "a",
            'ç' | 'ć' | 'č' => "c",
            'ď' | 'đ' => "d",
            'é' | 'è' | 'ê' | 'ë' | 'ě' | 'ę' => "e",
            'ğ' => "g",
            'í' | 'ì' | 'î' | 'ï' | 'ı' => "i",
            'ł' => "l",
            'ñ' | 'ń' | 'ň' => "n",
            'ó' | 'ò' | 'ô' | 'õ' => "o",
            'ř' => "r",
            'ş' | 'š' | 'ś' => "s",
            'ť' => "t",
            'ú' | 'ù' | 'û' | 'ů' => "u",
            'ý' => "y",
            'ž' | 'ź' | 'ż' => "z",
            plain if plain.is_ascii_alphanumeric() || plain == '-' || plain == '.' => {
                out.push(plain);
                continue;
            }
            // A combining dot above is what lowercasing leaves of `İ`.
            _ => continue,
        };
        out.push_str(plain);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_an_address_part_of_plain_lower_case_letters() {
        for language in &LANGUAGES {
            for list in [language.women.0, language.women.1, language.men.0, language.men.1] {
                for name in parse(list) {
                    assert!(
                        !name.ascii.is_empty()
                            && name.ascii.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                        "{} became {}",
                        name.text,
                        name.ascii
                    );
                    assert!(!fold(name.text).is_empty() || name.ascii != fold(name.text));
                }
            }
        }
    }

    #[test]
    fn german_turkish_and_nordic_letters_fold_as_offices_write_them() {
        assert_eq!(fold("Jürgen"), "juergen");
        assert_eq!(fold("Øyvind"), "oeyvind");
        assert_eq!(fold("İpek"), "ipek");
        assert_eq!(fold("Weiß"), "weiss");
    }
}
