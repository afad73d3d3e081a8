// A real SMTP server that keeps what it is handed.

import { once } from "node:events";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

/** What a server answers instead of accepting: an SMTP reply for the step it is named for. */
function refusal({ code, text }) {
  return Object.assign(new Error(text), { responseCode: code });
}

/** An SMTP server on a free port of loopback. */
export class MailServer {
  #server;
  #mails = [];
  #waiting = [];
  /** Replies {code, text} to give instead of accepting; may be set and deleted at any time. */
  refuse = {};

  /** Starts a server; with account {user, password} it takes mail only after that login. */
  static async start(t, account) {
    const mail = new MailServer();
    mail.#server = new SMTPServer({
      hideSTARTTLS: true,
      allowInsecureAuth: true,
      authOptional: !account,
      disabledCommands: account ? ["STARTTLS"] : ["STARTTLS", "AUTH"],
      logger: false,
      onAuth(login, _session, done) {
        if (login.username === account.user && login.password === account.password) {
          return done(null, { user: login.username });
        }
        done(refusal({ code: 535, text: "5.7.8 credentials of relay-7 are not good" }));
      },
      onMailFrom(_address, _session, done) {
        done(mail.refuse.sender && refusal(mail.refuse.sender));
      },
      onRcptTo(_address, _session, done) {
        done(mail.refuse.recipient && refusal(mail.refuse.recipient));
      },
      onData(stream, session, done) {
        simpleParser(stream).then((message) => {
          mail.#receive({ envelope: session.envelope, message });
          done();
        }, done);
      },
    });
    mail.#server.on("error", () => {}); // a connection that breaks off is the client's affair
    mail.#server.listen(0, "127.0.0.1");
    await once(mail.#server.server, "listening");
    t.after(() => new Promise((resolve) => mail.#server.close(resolve)));
    return mail;
  }

  #receive(mail) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(mail);
    else this.#mails.push(mail);
  }

  get port() {
    return this.#server.server.address().port;
  }

  /** Its address for --smtp-url. */
  get url() {
    return `smtp://127.0.0.1:${this.port}?tls=none`;
  }

  /** The number of mails that were accepted and not taken. */
  get held() {
    return this.#mails.length;
  }

  /** Takes the next mail out: {envelope, message}; waits for it when it is still on its way. */
  take() {
    const mail = this.#mails.shift();
    return mail ? Promise.resolve(mail) : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** The six digits in a mail's text. */
export function codeOf({ message }) {
  const found = (message.text || message.html).match(/\b\d{6}\b/);
  if (!found) throw new Error(`no code in the mail: ${message.text || message.html}`);
  return found[0];
}
