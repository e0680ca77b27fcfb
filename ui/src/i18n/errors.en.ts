// Owns the English texts of errors: what happened, what was and wasn't done, what to do next.
import { names } from "./names";
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
  clientIdInvalid: () => ({
    title: "This can’t be a Client ID",
    next: "It is too long, or contains a character that no Client ID contains. Nothing was sent. Copy it again from what ezeep gave you.",
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
    next: "The browser could not come back here, so none was opened. Close that program and try again, or choose another way under “How the browser comes back” and have it registered with ezeep.",
  }),
  listenFailed: () => ({
    title: "This computer doesn’t let Pressroom wait for the browser",
    next: "No browser was opened. Check whether a firewall or a policy forbids listening on localhost, then try again.",
  }),
  browserFailed: () => ({
    title: "The browser could not be opened",
    next: "Copy the sign-in link and open it in a browser on this computer yourself.",
  }),
  browserOpenerMissing: (e) => ({
    title: "The browser could not be opened",
    next: `${e.program} was not found. Install xdg-utils and a browser, or copy the sign-in link and open it in a browser on this computer yourself.`,
  }),
  browserOpenerFailed: (e) => ({
    title: "The browser could not be opened",
    next: `${e.program} ended with status ${e.status}. Check that a browser is installed and set as the default, or copy the sign-in link and open it in a browser on this computer yourself.`,
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
    next: "The server no longer accepts it, so nothing was done. Sign in again; everything stays as it is.",
  }),
  signOutNotConfirmed: () => ({
    title: "You are signed out here, but the server could not be told",
    next: "Nothing is left on this computer. On the server’s side the sign-in may stay valid for up to an hour.",
  }),
  redirectInvalid: () => ({
    title: "This redirect URI can’t be used",
    next: "No browser was opened. Use http on localhost, 127.0.0.1 or [::1], or the app link, and have exactly that one registered with ezeep.",
  }),
  redirectForcedHttps: () => ({
    title: "Your browser insists on https for localhost",
    next: "So it can’t come back here; the wait goes on. Cancel, choose an address with 127.0.0.1 or the app link under “How the browser comes back”, and have it registered with ezeep.",
  }),
  appLinkNotOpened: () => ({
    title: "This computer doesn’t open the app link with Pressroom",
    next: "The browser may not find the way back. Install Pressroom from its package, or cancel and choose the loopback address.",
  }),
  anotherSignInAnswered: () => ({
    title: "A tab of another sign-in was finished in the browser",
    next: "It was not used, and Pressroom keeps waiting. Finish the sign-in in the newest tab, or open the browser again.",
  }),
  signInStale: () => ({
    title: "This answer belongs to a sign-in that was begun before Pressroom was started",
    next: "It was not taken up and nothing was changed. Sign in again here.",
  }),
  pairingRefused: () => ({
    title: "The pairing code was refused on the other device",
    next: "Nobody was signed in. Ask for a new code and allow it there, or sign in with the browser.",
  }),
  pairingExpired: () => ({
    title: "The pairing code ran out before it was confirmed",
    next: "Nobody was signed in. Press “Use a pairing code” again for a new one.",
  }),
  pairingUnsupported: () => ({
    title: "The server gives no pairing codes to this Client ID",
    next: "Nothing was changed. Sign in with the browser, or ask ezeep to allow pairing for it.",
  }),
  sessionBusy: () => ({
    title: "Another window or program is using this sign-in",
    next: "It didn’t let go in time, so nothing was done here. Close it, or try again in a moment.",
  }),
  keychainUnavailable: () => ({
    title: "The keychain of this computer can’t be used",
    next: "Nothing was stored. Try again, or sign in until you quit, with “Keep me signed in” off.",
  }),
  keychainLocked: () => ({
    title: "The keychain of this computer is locked",
    next: "Nothing was stored. Unlock it and try again, or sign in until you quit, with “Keep me signed in” off.",
  }),
  noKeyring: () => ({
    title: "The keychain of this computer has no keyring yet",
    next: "Nothing was stored. Make a default keyring in your desktop’s password app and try again, or sign in until you quit, with “Keep me signed in” off.",
  }),
  keychainUnresponsive: () => ({
    title: "The keychain of this computer doesn’t answer",
    next: "Nothing was stored. It may be asking for something in a window of its own: look there, then try again, or sign in until you quit.",
  }),
  keychainRefused: () => ({
    title: "The keychain of this computer doesn’t keep what it is given",
    next: "The sign-in is not stored there. Try again, or sign in until you quit, with “Keep me signed in” off.",
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
  wrongOrganization: () => ({
    title: "The server answered for another organization",
    next: "The answer was discarded, and nothing was changed. Switch to another organization and back, or sign in again.",
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
  certificateExpired: (e, f) => ({
    title:
      e.until === null
        ? `The certificate of ${e.host} isn’t valid now`
        : `The certificate of ${e.host} expired on ${f.day(e.until)}`,
    next: `Nothing was sent. This computer’s clock says ${f.moment(e.clock)}: if that is wrong, set it. If it is right, contact the server’s operator or, if your network inspects connections, your network administrator.`,
  }),
  certificateNotYetValid: (e, f) => ({
    title:
      e.from === null
        ? `The certificate of ${e.host} isn’t valid yet`
        : `The certificate of ${e.host} is valid only from ${f.day(e.from)}`,
    next: `Nothing was sent. This computer’s clock says ${f.moment(e.clock)}: if that is wrong, set it. If it is right, contact the server’s operator or, if your network inspects connections, your network administrator.`,
  }),
  certificateOtherName: (e) => ({
    title: `The certificate of ${e.host} was issued for another name`,
    next: "Nothing was sent. Open any website in your browser: a Wi-Fi network may ask you to sign in first. If it doesn’t, ask your network administrator.",
  }),
  clockWrong: (e, f) => ({
    title: `This computer’s clock is wrong: it says ${f.moment(e.clock)}`,
    next: `The certificate of ${e.host} therefore can’t be checked, and nothing was sent. Set date and time in the system settings, preferably automatically, then try again.`,
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
  portalInTheWay: () => ({
    title: "A web page came instead of the server’s reply",
    next: "Something stands in between: a Wi-Fi network’s sign-in page, or a proxy. Open any website in your browser, sign in there if it asks, then try again. You stay signed in.",
  }),
  replyUnexpected: () => ({
    title: "The server’s answer could not be understood",
    next: "Nothing was taken from it. Try again; if it goes on, “Details” helps the support.",
  }),
  outcomeUnknown: () => ({
    title: "It isn’t known whether the change was made",
    next: "It was sent, and no usable answer came. Sync to see whether it was made, before you repeat it.",
  }),
  userGone: () => ({
    title: "This person is no longer in the organization",
    next: "Somebody removed them meanwhile. Nothing was changed.",
  }),
  userBusy: () => ({
    title: "Another program on this computer is changing this person",
    next: "It didn’t finish in time, so nothing was changed here. Try again when it has.",
  }),
  planBusy: () => ({
    title: "Another program on this computer is writing these changes",
    next: "Try again when it has finished.",
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
  groupNameInvisible: () => ({
    title: "This name isn’t visible",
    next: "Nothing was saved. It contains only spaces or invisible characters; enter a readable name.",
  }),
  groupNameLooksLike: (e) => ({
    title: "This name is easily mistaken for another group’s",
    next: `Nothing was saved. It looks like ${names(e.groups, "“", "”")}. Change it, or use it anyway.`,
  }),
  groupChangedMeanwhile: () => ({
    title: "Changed meanwhile by another admin",
    next: "Nothing was saved. Choose for each field which value to keep, then save again.",
  }),
  createUnconfirmed: (e) => ({
    title: "The server’s reply was lost, and it isn’t certain whether the group was created",
    next: `There is a group named ${names(e.candidates, "“", "”")} now, which another admin may have created. Look at it before you create it again.`,
  }),
  syncedFromAzure: () => ({
    title: "This group is synced from Azure",
    next: "Nothing was changed. Change it in Azure (Entra ID); it arrives here with the next sync.",
  }),
  valueRefused: (e) => ({
    title: `The server refused the value of “${e.field}”`,
    next: "Nothing was saved. Change it and try again; “Details” shows the server’s words.",
  }),
  forbidden: (e) => ({
    title: `The server doesn’t allow this (${e.status})`,
    next: "Nothing was changed. You may not have permission to do this; “Details” shows the server’s message.",
  }),
  changeRefused: (e) => ({
    title: `The server refused the change (${e.status})`,
    next: "Nothing was changed. “Details” shows the server’s words.",
  }),
  confirmationMismatch: () => ({
    title: "That isn’t the group’s name",
    next: "Nothing was deleted. Type the name as it is shown, or copy it.",
  }),
  fileNotWritten: (e) => ({
    title: e.folder === "" ? "The report could not be saved" : `The report could not be saved in ${e.folder}`,
    next: "The changes themselves are not touched by this. Free some space or allow writing there, and try again.",
  }),
  planGone: () => ({
    title: "These changes are no longer at hand",
    next: "Nothing more was written. Choose and review them again.",
  }),
  planEmpty: () => ({ title: "There is nothing left to apply", next: "Every line of this plan has its result." }),
  planTooLarge: (e, f) => ({
    title: `These are ${f.number(e.lines)} changes; a plan can have up to ${f.number(e.max)}`,
    next: "Nothing was prepared. A change is one user and one group: choose fewer of them, and do the rest in another plan.",
  }),
  listPartial: () => ({
    title: "The list is only partially synced",
    next: "“All” would leave out users who aren’t listed yet, so nothing was prepared. Wait for the sync: this then continues by itself.",
  }),
  listSaved: (e, f) => ({
    title: `The list is a saved copy of ${f.clock(e.at, Date.now())}`,
    next: "The list may have changed since, so it is synced first. This then continues by itself.",
  }),
  unknownCode: (e) => ({
    title: `This failed for a reason that this version of Pressroom doesn’t know (${e.name})`,
    next: "Another version recorded it. Apply the rest again here: every user is read first.",
  }),
  cancelled: () => ({ title: "Cancelled", next: "Nothing more was done." }),
  signedOut: () => ({ title: "You are signed out", next: "Sign in to go on." }),
  viewNameEmpty: () => ({
    title: "A view needs a name",
    next: "Nothing was saved. Enter one and try again.",
  }),
  viewNameTooLong: (e, f) => ({
    title: `The name has ${f.number(e.length)} characters; ${f.number(e.max)} are allowed`,
    next: "Nothing was saved. Shorten it and try again.",
  }),
  viewNameTaken: () => ({
    title: "Another view has this name",
    next: "Nothing was saved. Choose another name, or choose that view and update it.",
  }),
  viewsFull: (e, f) => ({
    title: `There are ${f.number(e.max)} saved views already`,
    next: "Nothing was saved. Delete one that isn’t needed any more, then try again.",
  }),
  viewGone: () => ({
    title: "This view is no longer there",
    next: "Nothing was changed. What you see stays; save it under a name to keep it.",
  }),
  accountGone: () => ({
    title: "This account is no longer kept on this computer",
    next: "Nothing was changed. Add it again, or go on with another one.",
  }),
  directoryNotRead: () => ({
    title: "The directory hasn’t been read yet",
    next: "Read it to see users and groups.",
  }),
  internal: () => ({
    title: "Something went wrong in Pressroom",
    next: "It isn’t your fault. Try again; if it goes on, “Details” helps the support.",
  }),
};
