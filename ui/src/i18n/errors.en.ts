// Owns what an error says in English: what happened, what was and wasn't done, what to do next.
import type { ErrorCatalog } from "./types";

export const errorsEn: ErrorCatalog = {
  settingInvalid: (e) => ({
    title: `The setting ${e.setting} can’t be used`,
    next: "Correct or remove it where it is set (the environment, or a policy), then start Pressroom again.",
  }),
  argumentInvalid: (e) => ({
    title: `What was entered for “${e.field}” can’t be used`,
    next: "Nothing was changed. Correct it and try again.",
  }),
  clientIdMissing: () => ({
    title: "A Client ID is needed to sign in",
    next: "Enter the one that ezeep gave you, or explore the demo organization.",
  }),
  clientIdUnknown: () => ({
    title: "The server doesn’t know this Client ID",
    next: "Compare it with the one that ezeep gave you, character for character, and try again.",
  }),
  signInRefused: () => ({
    title: "The server refused the sign-in",
    next: "Try again. If it goes on, check that the redirect URI in Settings is registered with ezeep exactly as shown.",
  }),
  scopeRefused: () => ({
    title: "The server doesn’t grant this Client ID the rights that were asked for",
    next: "Ask ezeep to allow them, or sign in with “printing” alone: everything here works, printer lists are missing.",
  }),
  portBusy: (e) => ({
    title: `Port ${e.port} is used by another program`,
    next: "The browser could not come back here, so none was opened. Close that program and try again, or have another redirect URI registered.",
  }),
  listenFailed: () => ({
    title: "This computer doesn’t let Pressroom wait for the browser",
    next: "No browser was opened. Check whether a firewall or a policy forbids listening on localhost, then try again.",
  }),
  browserFailed: () => ({
    title: "The browser could not be opened",
    next: "Copy the sign-in link and open it in a browser on this computer yourself.",
  }),
  consentRefused: () => ({
    title: "Access was refused in the browser",
    next: "Nothing was changed. Sign in again and allow access to go on.",
  }),
  signInTimedOut: () => ({
    title: "The sign-in took too long and was given up",
    next: "Nothing was changed. Start it again and finish it in the browser.",
  }),
  sessionEnded: () => ({
    title: "Your session has ended",
    next: "The server no longer accepts it. Sign in again; what was read stays.",
  }),
  signOutNotConfirmed: () => ({
    title: "You are signed out here, but the server could not be told",
    next: "Nothing is left on this computer. On the server’s side the sign-in may stay valid for up to an hour.",
  }),
  redirectUnsupported: () => ({
    title: "The redirect URI can’t be used on this computer",
    next: "Use one on localhost, or the app’s own scheme, and have exactly that one registered with ezeep.",
  }),
  keychainUnavailable: () => ({
    title: "The keychain of this computer can’t be used",
    next: "Unlock it and try again, or sign in with “Keep me signed in” off.",
  }),
  notAdmin: () => ({
    title: "You aren’t an admin of this organization",
    next: "Only admins may see and change its users and groups. Ask one of them, or switch the organization.",
  }),
  noOrganization: () => ({
    title: "There is no organization for you to manage",
    next: "Ask an admin of your organization to invite you, or sign in as somebody else.",
  }),
  switchRefused: () => ({
    title: "The server didn’t switch the organization",
    next: "You are still in the one before. Try again.",
  }),
  changesRunning: () => ({
    title: "Changes are still being written",
    next: "Let them finish or stop them first, then do this again.",
  }),
  organizationChanged: () => ({
    title: "The organization was switched meanwhile",
    next: "This belonged to the one before, so nothing was written. Start again here.",
  }),
  offline: (e) => ({
    title: `${e.host} can’t be reached`,
    next: "Check the connection and try again. You stay signed in.",
  }),
  timedOut: (e) => ({
    title: `${e.host} didn’t answer in time`,
    next: "Try again in a moment. You stay signed in.",
  }),
  proxyAuthRequired: () => ({
    title: "The proxy asks for a sign-in",
    next: "Sign in to the proxy (in the browser, say) or have the two ezeep servers allowed, then try again.",
  }),
  certificateUntrusted: (e) => ({
    title: `The certificate of ${e.host} isn’t trusted`,
    next: "Nothing was sent. If your network inspects connections, have its certificate installed in this computer’s trust store.",
  }),
  rateLimited: (e, f) => ({
    title: "The server asks for a pause",
    next:
      e.seconds === null
        ? "Too many requests in a short time. Try again in a moment."
        : `Too many requests in a short time. Try again in ${f.number(e.seconds)} s.`,
  }),
  serverFailed: (e) => ({
    title: `The server failed (${e.status})`,
    next: "The fault is on its side. Try again in a moment.",
  }),
  replyUnexpected: () => ({
    title: "The server’s answer could not be understood",
    next: "Nothing was taken from it. Try again; if it goes on, “Details” helps the support.",
  }),
  outcomeUnknown: () => ({
    title: "It isn’t known whether the change was made",
    next: "The connection broke after it was sent. Read again to see, before you repeat it.",
  }),
  userGone: () => ({
    title: "This person is no longer in the organization",
    next: "Somebody removed them meanwhile. Nothing was changed.",
  }),
  groupGone: () => ({
    title: "This group no longer exists",
    next: "Somebody deleted it meanwhile. Nothing was changed.",
  }),
  groupNameEmpty: () => ({ title: "A group needs a name", next: "Nothing was saved. Enter one and try again." }),
  groupNameTooLong: (e, f) => ({
    title: `The name has ${f.number(e.length)} characters; ${f.number(e.max)} are allowed`,
    next: "Nothing was saved. Shorten it and try again.",
  }),
  groupDescriptionTooLong: (e, f) => ({
    title: `The description has ${f.number(e.length)} characters; ${f.number(e.max)} are allowed`,
    next: "Nothing was saved. Shorten it and try again.",
  }),
  groupNameTaken: () => ({
    title: "Another group has this name already",
    next: "Nothing was saved. Choose another name.",
  }),
  syncedFromAzure: () => ({
    title: "This group is synced from Azure",
    next: "Nothing was changed. Change it in Azure (Entra ID); it arrives here with the next sync.",
  }),
  valueRefused: (e) => ({
    title: `The server refused the value of “${e.field}”`,
    next: "Nothing was saved. Change it and try again; “Details” shows the server’s words.",
  }),
  changeRefused: (e) => ({
    title: `The server refused the change (${e.status})`,
    next: "Nothing was changed. “Details” shows the server’s words.",
  }),
  confirmationMismatch: () => ({
    title: "That isn’t the group’s name",
    next: "Nothing was deleted. Type the name exactly as it is shown.",
  }),
  fileNotWritten: (e) => ({
    title: e.folder === "" ? "The report could not be saved" : `The report could not be saved in ${e.folder}`,
    next: "The changes themselves are not touched by this. Free some space or allow writing there, and try again.",
  }),
  planGone: () => ({
    title: "These changes are no longer at hand",
    next: "Nothing more was written. Choose and review them again.",
  }),
  planEmpty: () => ({ title: "There is nothing to change", next: "Everything is already as you asked for." }),
  cancelled: () => ({ title: "Cancelled", next: "Nothing more was done." }),
  signedOut: () => ({ title: "You are signed out", next: "Sign in to go on." }),
  directoryNotRead: () => ({
    title: "The directory hasn’t been read yet",
    next: "Read it to see users and groups.",
  }),
  internal: () => ({
    title: "Something went wrong in Pressroom",
    next: "It isn’t your fault. Try again; if it goes on, “Details” helps the support.",
  }),
};
