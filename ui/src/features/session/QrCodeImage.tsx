// Owns the picture of a QR code: dark on white in both themes, crisp, with the quiet zone that a reader
// needs. Must never make a code: its modules come from Rust.
import type { QrCode } from "../../ipc/bindings";

/** Light modules around the code (ISO/IEC 18004). */
const QUIET = 4;

/** One stroke for each run of dark modules, so that there are no seams between them. */
function darkOf({ rows }: QrCode): string {
  return rows
    .flatMap((row, y) =>
      [...row.matchAll(/1+/g)].map((run) => `M${run.index + QUIET} ${y + QUIET}h${run[0].length}v1h-${run[0].length}z`),
    )
    .join("");
}

export function QrCodeImage({ code, label }: { code: QrCode; label: string }) {
  const side = code.size + 2 * QUIET;
  return (
    <svg className="qr" role="img" aria-label={label} viewBox={`0 0 ${side} ${side}`} shapeRendering="crispEdges">
      {/* Black on white in any theme: many readers accept nothing else. */}
      <rect width={side} height={side} fill="#fff" />
      <path d={darkOf(code)} fill="#000" />
    </svg>
  );
}
