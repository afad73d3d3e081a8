import { CognitoIdentityProviderClient, GetUserAttributeVerificationCodeCommand } from "@aws-sdk/client-cognito-identity-provider"; // ES Modules import
// const { CognitoIdentityProviderClient, GetUserAttributeVerificationCodeCommand } = require("@aws-sdk/client-cognito-identity-provider"); // CommonJS import
// import type { CognitoIdentityProviderClientConfig } from "@aws-sdk/client-cognito-identity-provider";
const config = {}; // type is CognitoIdentityProviderClientConfig
const client = new CognitoIdentityProviderClient(config);
const input = { // GetUserAttributeVerificationCodeRequest
  AccessToken: "STRING_VALUE", // required
  AttributeName: "STRING_VALUE", // required
  ClientMetadata: { // ClientMetadataType
    "<keys>": "STRING_VALUE",
  },
};
const command = new GetUserAttributeVerificationCodeCommand(input);
const response = await client.send(command);
// { // GetUserAttributeVerificationCodeResponse
//   CodeDeliveryDetails: { // CodeDeliveryDetailsType
//     Destination: "STRING_VALUE",
//     DeliveryMedium: "SMS" || "EMAIL",
//     AttributeName: "STRING_VALUE",
//   },
// };
