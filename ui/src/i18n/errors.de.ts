// Owns the German texts of errors: what happened, what was and wasn't done, what to do next.
import { names } from "./names";
import type { ErrorCatalog } from "./types";

export const errorsDe: ErrorCatalog = {
  settingInvalid: (e) => ({
    title: `Die Einstellung ${e.setting} ist nicht verwendbar`,
    next: "Berichtigen oder entfernen Sie sie dort, wo sie gesetzt ist (Umgebung oder Richtlinie), und starten Sie Pressroom neu.",
  }),
  argumentInvalid: (e) => ({
    title: `Die Eingabe für „${e.field}“ ist nicht verwendbar`,
    next: "Nichts wurde geändert. Berichtigen Sie sie und versuchen Sie es erneut.",
  }),
  clientIdMissing: () => ({
    title: "Zum Anmelden wird eine Client-ID gebraucht",
    next: "Geben Sie die ein, die Sie von ezeep bekommen haben, oder erkunden Sie die Demo-Organisation.",
  }),
  clientIdInvalid: () => ({
    title: "Das ist keine gültige Client-ID",
    next: "Sie ist zu lang oder enthält ein unzulässiges Zeichen. Nichts wurde gesendet. Kopieren Sie die Client-ID noch einmal so, wie Sie sie von ezeep erhalten haben.",
  }),
  clientIdUnknown: () => ({
    title: "Der Server kennt diese Client-ID nicht",
    next: "Vergleichen Sie sie Zeichen für Zeichen mit der von ezeep und versuchen Sie es erneut.",
  }),
  signInRefused: () => ({
    title: "Der Server hat die Anmeldung abgelehnt",
    next: "Versuchen Sie es erneut. Bleibt es dabei, prüfen Sie, ob die Redirect-URI aus den Einstellungen genau so bei ezeep registriert ist.",
  }),
  scopeRefused: () => ({
    title: "Der Server gewährt dieser Client-ID die erbetenen Rechte nicht",
    next: "Lassen Sie sie von ezeep freigeben, oder melden Sie sich nur mit „printing“ an: alles hier geht, Druckerlisten fehlen.",
  }),
  portBusy: (e) => ({
    title: `Port ${e.port} wird von einem anderen Programm benutzt`,
    next: "Der Browser käme nicht hierher zurück, darum wurde keiner geöffnet. Beenden Sie jenes Programm und versuchen Sie es erneut, oder wählen Sie unter „Wie der Browser zurückkommt“ einen anderen Weg und lassen Sie ihn bei ezeep registrieren.",
  }),
  listenFailed: () => ({
    title: "Dieser Computer lässt Pressroom nicht auf den Browser warten",
    next: "Es wurde kein Browser geöffnet. Prüfen Sie, ob eine Firewall oder Richtlinie das Lauschen auf localhost verbietet.",
  }),
  browserFailed: () => ({
    title: "Der Browser ließ sich nicht öffnen",
    next: "Kopieren Sie den Anmeldelink und öffnen Sie ihn selbst in einem Browser auf diesem Computer.",
  }),
  browserOpenerMissing: (e) => ({
    title: "Der Browser ließ sich nicht öffnen",
    next: `${e.program} wurde nicht gefunden. Installieren Sie xdg-utils und einen Browser, oder kopieren Sie den Anmeldelink und öffnen Sie ihn selbst in einem Browser auf diesem Computer.`,
  }),
  browserOpenerFailed: (e) => ({
    title: "Der Browser ließ sich nicht öffnen",
    next: `${e.program} endete mit Status ${e.status}. Prüfen Sie, ob ein Browser installiert und als Standard eingestellt ist, oder kopieren Sie den Anmeldelink und öffnen Sie ihn selbst in einem Browser auf diesem Computer.`,
  }),
  consentRefused: () => ({
    title: "Der Zugriff wurde im Browser verweigert",
    next: "Nichts wurde geändert. Melden Sie sich erneut an und erlauben Sie den Zugriff.",
  }),
  signInTimedOut: () => ({
    title: "Die Anmeldung dauerte zu lange und wurde aufgegeben",
    next: "Nichts wurde geändert. Beginnen Sie neu und schließen Sie sie im Browser ab.",
  }),
  sessionEnded: () => ({
    title: "Ihre Sitzung ist beendet",
    next: "Der Server nimmt sie nicht mehr an, darum wurde nichts getan. Melden Sie sich neu an; alles bleibt, wie es ist.",
  }),
  signOutNotConfirmed: () => ({
    title: "Sie sind hier abgemeldet, aber der Server war nicht zu erreichen",
    next: "Auf diesem Computer bleibt nichts zurück. Beim Server kann die Anmeldung noch bis zu einer Stunde gelten.",
  }),
  redirectInvalid: () => ({
    title: "Diese Redirect-URI ist nicht verwendbar",
    next: "Es wurde kein Browser geöffnet. Verwenden Sie http auf localhost, 127.0.0.1 oder [::1] oder den App-Link und lassen Sie genau diese URI bei ezeep registrieren.",
  }),
  redirectForcedHttps: () => ({
    title: "Ihr Browser besteht bei localhost auf https",
    next: "Darum kann er nicht hierher zurück; das Warten geht weiter. Brechen Sie ab, wählen Sie unter „Wie der Browser zurückkommt“ eine Adresse mit 127.0.0.1 oder den App-Link und lassen Sie sie bei ezeep registrieren.",
  }),
  appLinkNotOpened: () => ({
    title: "Dieser Computer öffnet den App-Link nicht mit Pressroom",
    next: "Der Browser findet den Weg zurück vielleicht nicht. Installieren Sie Pressroom aus seinem Paket, oder brechen Sie ab und wählen Sie die Loopback-Adresse.",
  }),
  anotherSignInAnswered: () => ({
    title: "Im Browser wurde der Tab einer anderen Anmeldung abgeschlossen",
    next: "Diese Anmeldung wurde nicht übernommen; Pressroom wartet weiter. Schließen Sie die Anmeldung im neuesten Tab ab, oder öffnen Sie den Browser erneut.",
  }),
  signInStale: () => ({
    title: "Diese Antwort gehört zu einer Anmeldung von vor dem Start von Pressroom",
    next: "Sie wurde nicht übernommen und nichts wurde geändert. Melden Sie sich hier neu an.",
  }),
  pairingRefused: () => ({
    title: "Der Pairing-Code wurde auf dem anderen Gerät abgelehnt",
    next: "Niemand wurde angemeldet. Fordern Sie einen neuen Code an und erlauben Sie ihn dort, oder melden Sie sich mit dem Browser an.",
  }),
  pairingExpired: () => ({
    title: "Der Pairing-Code ist abgelaufen, bevor er bestätigt wurde",
    next: "Niemand wurde angemeldet. Mit „Pairing-Code verwenden“ bekommen Sie einen neuen.",
  }),
  pairingUnsupported: () => ({
    title: "Der Server gibt dieser Client-ID keine Pairing-Codes",
    next: "Nichts wurde geändert. Melden Sie sich mit dem Browser an oder lassen Sie Pairing von ezeep freigeben.",
  }),
  sessionBusy: () => ({
    title: "Ein anderes Fenster oder Programm benutzt diese Anmeldung",
    next: "Es gab sie nicht rechtzeitig frei, darum wurde hier nichts getan. Schließen Sie es oder versuchen Sie es gleich noch einmal.",
  }),
  keychainUnavailable: () => ({
    title: "Der Schlüsselbund dieses Computers ist nicht nutzbar",
    next: "Nichts wurde gespeichert. Versuchen Sie es erneut, oder melden Sie sich bis zum Beenden an, ohne „Angemeldet bleiben“.",
  }),
  keychainLocked: () => ({
    title: "Der Schlüsselbund dieses Computers ist gesperrt",
    next: "Nichts wurde gespeichert. Entsperren Sie ihn und versuchen Sie es erneut, oder melden Sie sich bis zum Beenden an, ohne „Angemeldet bleiben“.",
  }),
  noKeyring: () => ({
    title: "Der Schlüsselbund dieses Computers ist noch nicht angelegt",
    next: "Nichts wurde gespeichert. Legen Sie in der Passwort-App Ihres Desktops einen Standard-Schlüsselbund an und versuchen Sie es erneut, oder melden Sie sich bis zum Beenden an, ohne „Angemeldet bleiben“.",
  }),
  keychainUnresponsive: () => ({
    title: "Der Schlüsselbund dieses Computers antwortet nicht",
    next: "Nichts wurde gespeichert. Vielleicht fragt er in einem eigenen Fenster etwas: Sehen Sie nach und versuchen Sie es erneut, oder melden Sie sich bis zum Beenden an.",
  }),
  keychainRefused: () => ({
    title: "Der Schlüsselbund dieses Computers behält nicht, was man ihm gibt",
    next: "Die Anmeldung ist dort nicht gespeichert. Versuchen Sie es erneut, oder melden Sie sich bis zum Beenden an, ohne „Angemeldet bleiben“.",
  }),
  notAdmin: () => ({
    title: "Sie sind kein Admin dieser Organisation",
    next: "Nur Admins dürfen Personen und Gruppen sehen und ändern. Wenden Sie sich an einen oder wechseln Sie die Organisation.",
  }),
  noOrganization: () => ({
    title: "Es gibt keine Organisation, die Sie verwalten",
    next: "Lassen Sie sich von einem Admin einladen oder melden Sie sich als jemand anderes an.",
  }),
  switchRefused: () => ({
    title: "Der Server hat die Organisation nicht gewechselt",
    next: "Sie sind noch in der vorigen. Versuchen Sie es erneut.",
  }),
  wrongOrganization: () => ({
    title: "Der Server hat für eine andere Organisation geantwortet",
    next: "Die Antwort wurde verworfen und nichts geändert. Wechseln Sie zu einer anderen Organisation und zurück, oder melden Sie sich erneut an.",
  }),
  changesRunning: () => ({
    title: "Es werden noch Änderungen geschrieben",
    next: "Lassen Sie sie fertig werden oder stoppen Sie sie und versuchen Sie es dann erneut.",
  }),
  organizationChanged: () => ({
    title: "Die Organisation wurde inzwischen gewechselt",
    next: "Dies gehörte zur vorigen, darum wurde nichts geschrieben. Beginnen Sie hier neu.",
  }),
  offline: (e) => ({
    title: `${e.host} ist nicht erreichbar`,
    next: "Prüfen Sie die Verbindung und versuchen Sie es erneut. Sie bleiben angemeldet.",
  }),
  timedOut: (e) => ({
    title: `${e.host} hat nicht rechtzeitig geantwortet`,
    next: "Versuchen Sie es gleich noch einmal. Sie bleiben angemeldet.",
  }),
  proxyAuthRequired: () => ({
    title: "Der Proxy verlangt eine Anmeldung",
    next: "Melden Sie sich beim Proxy an (etwa im Browser) oder lassen Sie die beiden ezeep-Server freigeben.",
  }),
  certificateExpired: (e, f) => ({
    title:
      e.until === null
        ? `Das Zertifikat von ${e.host} ist zurzeit nicht gültig`
        : `Das Zertifikat von ${e.host} ist am ${f.day(e.until)} abgelaufen`,
    next: `Nichts wurde gesendet. Die Uhr dieses Computers zeigt ${f.moment(e.clock)}: Stimmt das nicht, stellen Sie sie. Stimmt es, wenden Sie sich an den Betreiber des Servers oder, falls Ihr Netzwerk die Verbindungen prüft, an Ihren Netzwerkadministrator.`,
  }),
  certificateNotYetValid: (e, f) => ({
    title:
      e.from === null
        ? `Das Zertifikat von ${e.host} ist noch nicht gültig`
        : `Das Zertifikat von ${e.host} gilt erst ab dem ${f.day(e.from)}`,
    next: `Nichts wurde gesendet. Die Uhr dieses Computers zeigt ${f.moment(e.clock)}: Stimmt das nicht, stellen Sie sie. Stimmt es, wenden Sie sich an den Betreiber des Servers oder, falls Ihr Netzwerk die Verbindungen prüft, an Ihren Netzwerkadministrator.`,
  }),
  certificateOtherName: (e) => ({
    title: `Das Zertifikat von ${e.host} ist auf einen anderen Namen ausgestellt`,
    next: "Nichts wurde gesendet. Öffnen Sie im Browser eine beliebige Website: Möglicherweise verlangt ein WLAN zuerst eine Anmeldung. Wenn nicht, wenden Sie sich an Ihren Netzwerkadministrator.",
  }),
  clockWrong: (e, f) => ({
    title: `Die Uhr dieses Computers geht falsch: Sie zeigt ${f.moment(e.clock)}`,
    next: `Das Zertifikat von ${e.host} lässt sich deshalb nicht prüfen, und nichts wurde gesendet. Stellen Sie Datum und Uhrzeit in den Systemeinstellungen, am besten automatisch, und versuchen Sie es erneut.`,
  }),
  certificateUntrusted: (e) => ({
    title: `Dem Zertifikat von ${e.host} wird nicht vertraut`,
    next: "Nichts wurde gesendet. Prüft Ihr Netz die Verbindungen, lassen Sie dessen Zertifikat auf diesem Computer einrichten.",
  }),
  rateLimited: (e, f) => ({
    title: "Der Server bittet um eine Pause",
    next:
      e.seconds === null
        ? "Zu viele Anfragen in kurzer Zeit. Versuchen Sie es gleich noch einmal."
        : `Zu viele Anfragen in kurzer Zeit. Versuchen Sie es in ${f.number(e.seconds)} s erneut.`,
  }),
  serverFailed: (e) => ({
    title: `Der Server hatte einen Fehler (${e.status})`,
    next: "Er liegt auf seiner Seite. Versuchen Sie es gleich noch einmal.",
  }),
  portalInTheWay: () => ({
    title: "Statt der Antwort des Servers kam eine Webseite",
    next: "Etwas steht dazwischen: die Anmeldeseite eines WLANs oder ein Proxy. Öffnen Sie im Browser irgendeine Website, melden Sie sich dort an, falls sie fragt, und versuchen Sie es erneut. Hier bleiben Sie angemeldet.",
  }),
  replyUnexpected: () => ({
    title: "Die Antwort des Servers war nicht zu verstehen",
    next: "Nichts davon wurde übernommen. Versuchen Sie es erneut; bleibt es dabei, helfen die „Details“ dem Support.",
  }),
  outcomeUnknown: () => ({
    title: "Es ist nicht bekannt, ob die Änderung gemacht wurde",
    next: "Sie wurde gesendet, und es kam keine verwertbare Antwort. Synchronisieren Sie, um es zu sehen, bevor Sie sie wiederholen.",
  }),
  userGone: () => ({
    title: "Diese Person ist nicht mehr in der Organisation",
    next: "Jemand hat sie inzwischen entfernt. Nichts wurde geändert.",
  }),
  userBusy: () => ({
    title: "Ein anderes Programm auf diesem Computer ändert diese Person gerade",
    next: "Es wurde nicht rechtzeitig fertig, darum wurde hier nichts geändert. Versuchen Sie es erneut, wenn es fertig ist.",
  }),
  planBusy: () => ({
    title: "Ein anderes Programm auf diesem Computer schreibt diese Änderungen gerade",
    next: "Versuchen Sie es erneut, wenn es fertig ist.",
  }),
  groupGone: () => ({
    title: "Diese Gruppe gibt es nicht mehr",
    next: "Jemand hat sie inzwischen gelöscht. Nichts wurde geändert.",
  }),
  groupNameEmpty: () => ({
    title: "Eine Gruppe braucht einen Namen",
    next: "Nichts wurde gespeichert. Geben Sie einen ein und versuchen Sie es erneut.",
  }),
  groupNameTooLong: (e, f) => ({
    title: `Der Name hat ${f.number(e.length)} Zeichen; ${f.number(e.max)} sind erlaubt`,
    next: "Nichts wurde gespeichert. Kürzen Sie ihn und versuchen Sie es erneut.",
  }),
  groupDescriptionTooLong: (e, f) => ({
    title: `Die Beschreibung hat ${f.number(e.length)} Zeichen; ${f.number(e.max)} sind erlaubt`,
    next: "Nichts wurde gespeichert. Kürzen Sie sie und versuchen Sie es erneut.",
  }),
  groupNameTaken: () => ({
    title: "Eine andere Gruppe heißt schon so",
    next: "Nichts wurde gespeichert. Wählen Sie einen anderen Namen.",
  }),
  groupNameInvisible: () => ({
    title: "Dieser Name ist nicht sichtbar",
    next: "Nichts wurde gespeichert. Er besteht nur aus Leerzeichen oder unsichtbaren Zeichen; geben Sie einen lesbaren Namen ein.",
  }),
  groupNameLooksLike: (e) => ({
    title: "Dieser Name lässt sich leicht mit einem anderen verwechseln",
    next: `Nichts wurde gespeichert. Er sieht aus wie ${names(e.groups, "„", "“")}. Ändern Sie ihn, oder verwenden Sie ihn trotzdem.`,
  }),
  groupChangedMeanwhile: () => ({
    title: "Inzwischen von einem anderen Admin geändert",
    next: "Nichts wurde gespeichert. Wählen Sie für jedes Feld, welcher Wert gelten soll, und speichern Sie erneut.",
  }),
  createUnconfirmed: (e) => ({
    title: "Die Antwort des Servers ging verloren; ob die Gruppe angelegt wurde, ist nicht sicher",
    next: `Es gibt jetzt eine Gruppe mit dem Namen ${names(e.candidates, "„", "“")}, die auch ein anderer Admin angelegt haben kann. Sehen Sie sich diese Gruppe an, bevor Sie sie erneut anlegen.`,
  }),
  syncedFromAzure: () => ({
    title: "Diese Gruppe wird aus Azure abgeglichen",
    next: "Nichts wurde geändert. Ändern Sie sie in Azure (Entra ID); mit dem nächsten Abgleich kommt es hier an.",
  }),
  valueRefused: (e) => ({
    title: `Der Server hat den Wert von „${e.field}“ abgelehnt`,
    next: "Nichts wurde gespeichert. Ändern Sie ihn und versuchen Sie es erneut; „Details“ zeigt die Worte des Servers.",
  }),
  forbidden: (e) => ({
    title: `Der Server erlaubt das nicht (${e.status})`,
    next: "Nichts wurde geändert. Möglicherweise fehlt Ihnen die Berechtigung; „Details“ zeigt die Meldung des Servers.",
  }),
  changeRefused: (e) => ({
    title: `Der Server hat die Änderung abgelehnt (${e.status})`,
    next: "Nichts wurde geändert. „Details“ zeigt die Worte des Servers.",
  }),
  confirmationMismatch: () => ({
    title: "Das ist nicht der Name der Gruppe",
    next: "Nichts wurde gelöscht. Geben Sie den Namen genau so ein, wie er gezeigt wird.",
  }),
  fileNotWritten: (e) => ({
    title:
      e.folder === ""
        ? "Der Bericht konnte nicht gespeichert werden"
        : `Der Bericht konnte nicht in ${e.folder} gespeichert werden`,
    next: "Die Änderungen selbst sind davon nicht berührt. Schaffen Sie Platz oder Schreibrecht und versuchen Sie es erneut.",
  }),
  planGone: () => ({
    title: "Diese Änderungen liegen nicht mehr vor",
    next: "Es wurde nichts weiter geschrieben. Wählen und prüfen Sie sie neu.",
  }),
  planEmpty: () => ({
    title: "Es gibt nichts mehr anzuwenden",
    next: "Jede Zeile dieses Plans hat ihr Ergebnis.",
  }),
  planTooLarge: (e, f) => ({
    title: `Das sind ${f.number(e.lines)} Änderungen; ein Plan kann höchstens ${f.number(e.max)} enthalten`,
    next: "Es wurde nichts vorbereitet. Eine Änderung ist ein Benutzer und eine Gruppe: Wählen Sie weniger aus, und nehmen Sie den Rest in einen weiteren Plan auf.",
  }),
  listPartial: () => ({
    title: "Die Liste ist erst teilweise synchronisiert",
    next: "„Alle“ würde Benutzer auslassen, die noch nicht in der Liste stehen; es wurde nichts vorbereitet. Warten Sie auf die Synchronisierung: Danach geht es automatisch weiter.",
  }),
  listSaved: (e, f) => ({
    title: `Die Liste ist eine gespeicherte Kopie von ${f.clock(e.at, Date.now())}`,
    next: "Die Liste kann sich inzwischen geändert haben; deshalb wird sie zuerst synchronisiert. Danach geht es automatisch weiter.",
  }),
  unknownCode: (e) => ({
    title: `Das ist aus einem Grund fehlgeschlagen, den diese Version von Pressroom nicht kennt (${e.name})`,
    next: "Eine andere Version hat ihn aufgezeichnet. Wenden Sie den Rest hier erneut an: Alle Benutzer werden zuerst gelesen.",
  }),
  cancelled: () => ({ title: "Abgebrochen", next: "Es wurde nichts weiter getan." }),
  signedOut: () => ({ title: "Sie sind abgemeldet", next: "Melden Sie sich an, um weiterzumachen." }),
  viewNameEmpty: () => ({
    title: "Eine Ansicht braucht einen Namen",
    next: "Nichts wurde gespeichert. Geben Sie einen ein und versuchen Sie es noch einmal.",
  }),
  viewNameTooLong: (e, f) => ({
    title: `Der Name hat ${f.number(e.length)} Zeichen, ${f.number(e.max)} sind erlaubt`,
    next: "Nichts wurde gespeichert. Kürzen Sie ihn und versuchen Sie es noch einmal.",
  }),
  viewNameTaken: () => ({
    title: "Eine andere Ansicht heißt schon so",
    next: "Nichts wurde gespeichert. Wählen Sie einen anderen Namen, oder wählen Sie jene Ansicht und aktualisieren Sie sie.",
  }),
  viewsFull: (e, f) => ({
    title: `Es gibt schon ${f.number(e.max)} gespeicherte Ansichten`,
    next: "Nichts wurde gespeichert. Löschen Sie eine, die nicht mehr gebraucht wird, und versuchen Sie es noch einmal.",
  }),
  viewGone: () => ({
    title: "Diese Ansicht gibt es nicht mehr",
    next: "Nichts wurde geändert. Was Sie sehen, bleibt; speichern Sie es unter einem Namen, um es zu behalten.",
  }),
  accountGone: () => ({
    title: "Dieses Konto ist auf diesem Computer nicht mehr gespeichert",
    next: "Nichts wurde geändert. Fügen Sie es neu hinzu oder machen Sie mit einem anderen weiter.",
  }),
  directoryNotRead: () => ({
    title: "Das Verzeichnis wurde noch nicht gelesen",
    next: "Lesen Sie es, um Personen und Gruppen zu sehen.",
  }),
  internal: () => ({
    title: "In Pressroom ist etwas schiefgegangen",
    next: "Es liegt nicht an Ihnen. Versuchen Sie es erneut; bleibt es dabei, helfen die „Details“ dem Support.",
  }),
};
