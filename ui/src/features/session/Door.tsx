// Owns the frame of everything before the shell. Must never know where the sign-in stands.
import type { ReactNode } from "react";
import { Mark } from "../../components/icons";

export function Door({ children }: { children: ReactNode }) {
  return (
    <main className="door">
      <div className="card">
        <Mark />
        {children}
      </div>
    </main>
  );
}
