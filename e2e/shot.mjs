import { chromium } from "playwright-core"; import { spawn } from "node:child_process"; import { createInterface } from "node:readline";
import { CognitoIdentityProviderClient as C, SignUpCommand, GetUserAttributeVerificationCodeCommand as G, InitiateAuthCommand as I, ForgotPasswordCommand } from "@aws-sdk/client-cognito-identity-provider";
const s=spawn("../bin/poolhouse",["dev","--json","--memory","--listen","127.0.0.1:0"],{stdio:["ignore","pipe","inherit"]});
const line=await new Promise(r=>createInterface({input:s.stdout}).once("line",r)); console.log(line); const f=JSON.parse(line);
const c=new C({region:"us-east-1",endpoint:f.endpoint,credentials:{accessKeyId:"x",secretAccessKey:"y"}});
const {AuthenticationResult:{AccessToken}}=await c.send(new I({AuthFlow:"USER_PASSWORD_AUTH",ClientId:f.client_id,AuthParameters:{USERNAME:f.username,PASSWORD:f.password}}));
const b=await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--disable-gpu","--disable-quic","--disable-background-networking","--disable-component-update","--disable-sync"]});
const p=await b.newPage({viewport:{width:1100,height:900}}); p.on("console",m=>console.log("console:",m.text())); p.on("pageerror",e=>console.log("pageerror",e)); p.on("requestfailed",r=>console.log("failed",r.url(),r.failure()?.errorText));
await p.goto(f.console); await p.screenshot({path:"/tmp/e2eq/empty.png"});
await c.send(new G({AccessToken,AttributeName:"email"})); await c.send(new G({AccessToken,AttributeName:"phone_number"}));
await c.send(new SignUpCommand({ClientId:f.client_id,Username:"zoe",Password:"Correct-Horse-7",UserAttributes:[{Name:"email",Value:"zoe@example.com"}]}));
await p.goto(f.console); await p.waitForTimeout(800); await p.screenshot({path:"/tmp/e2eq/inbox.png"});
const mails=await (await fetch(f.console,{headers:{accept:"application/json"}})).json(); console.log(JSON.stringify(mails,null,1));
await p.emulateMedia({colorScheme:"dark"}); await p.setViewportSize({width:420,height:800}); await p.waitForTimeout(300); await p.screenshot({path:"/tmp/e2eq/phone.png",fullPage:true});
const before=await p.locator("iframe").count(); await c.send(new G({AccessToken,AttributeName:"email"}));
try { await p.waitForFunction((n)=>document.querySelectorAll("iframe").length>n,before,{timeout:15000}); console.log("refreshed by itself"); } catch(e){console.log("no refresh", e.message.split("\n")[0])}
console.log(await p.locator("iframe").first().evaluate(e=>({sandbox:e.getAttribute("sandbox"),src:e.getAttribute("src"),srcdoc:(e.getAttribute("srcdoc")||"").slice(0,100)})));
const r=await fetch(f.console,{headers:{accept:"text/html"}}); console.log(r.headers.get("content-security-policy"), r.headers.get("x-frame-options"));
await b.close(); s.kill("SIGTERM"); await new Promise(r=>s.once("exit",r)); c.destroy();
