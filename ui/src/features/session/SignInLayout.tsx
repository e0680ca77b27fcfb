// Owns the layout of all screens before the shell. Must never know the step of the sign-in.
import type { ReactNode } from "react";
import { Logo } from "../../components/icons";

export function SignInLayout({ children }: { children: ReactNode }) {
  return (
    <main className="sign-in-layout">
      <div className="card">
        <Logo />
        {children}
      </div>
    </main>
  );
}
