import { mockIPC } from "@tauri-apps/api/mocks";
import { expect, it } from "vitest";
import type { WorkspaceId } from "./bindings";
import { tauriBackend } from "./tauri";

/** Half of a surrogate pair: a string may contain it, but Rust refuses JSON that does. */
const HALF = "\ud800";
const workspace = "w" as WorkspaceId;

it("sends only well-formed text, however deep in the arguments it is", async () => {
  const sent: unknown[] = [];
  mockIPC((_, args) => {
    sent.push(args);
    return true;
  });
  const { commands } = tauriBackend();
  await commands.looks_the_same({ typed: `a${HALF}b`, shown: "\udc00" });
  await commands.group_delete({ workspace, id: "g" as never, confirmation: null });
  await commands.columns_save({ list: "users", columns: [{ name: HALF, width: 7 }] as never });
  await commands.looks_the_same({ typed: "👩‍👩‍👧 ä \ufffd", shown: "" });
  expect(sent).toEqual([
    { typed: "a\ufffdb", shown: "\ufffd" },
    { workspace: "w", id: "g", confirmation: null },
    { list: "users", columns: [{ name: "\ufffd", width: 7 }] },
    { typed: "👩‍👩‍👧 ä \ufffd", shown: "" },
  ]);
});
