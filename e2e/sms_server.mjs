// A small server that speaks the part of Amazon SNS that sends text messages: Publish in the query protocol.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { listen } from "./poolhouse.mjs";

const namespace = "http://sns.amazonaws.com/doc/2010-03-31/";

const published = (id) =>
  `<PublishResponse xmlns="${namespace}"><PublishResult><MessageId>${id}</MessageId></PublishResult>` +
  `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></PublishResponse>`;

const failed = ({ code, message }) =>
  `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>` +
  `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`;

/** An SNS endpoint on a free port of loopback. */
export class SMSServer {
  /** The messages published, oldest first: {to, text, authorization}. */
  messages = [];
  /** An error {status, code, message} to answer with instead of publishing. */
  refuse = null;

  static async start(t) {
    const sms = new SMSServer();
    const server = createServer((request, response) => sms.#answer(request, response));
    sms.port = await listen(t, server);
    return sms;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async #answer(request, response) {
    const form = new URLSearchParams(await text(request));
    let error = this.refuse;
    if (form.get("Action") !== "Publish") {
      error = { status: 400, code: "InvalidAction", message: `The action ${form.get("Action")} is not valid for this endpoint.` };
    } else if (!form.get("PhoneNumber") || !form.get("Message")) {
      error = { status: 400, code: "InvalidParameter", message: "Invalid parameter: PhoneNumber and Message are required" };
    }
    if (error) {
      response.writeHead(error.status, { "content-type": "text/xml" }).end(failed(error));
      return;
    }
    this.messages.push({
      to: form.get("PhoneNumber"),
      text: form.get("Message"),
      authorization: request.headers.authorization,
    });
    response.writeHead(200, { "content-type": "text/xml" }).end(published(randomUUID()));
  }
}
