/**
 * The structural type of models against the one of the AI SDK; the compiler does the checking.
 *
 * @module
 */
import type { LanguageModelV2, LanguageModelV3 } from "@ai-sdk/provider";
import type { LanguageModel as AnyModel } from "ai";
import { describe, expectTypeOf, it } from "vitest";
import type { Node } from "../graph/node.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import type { GenerateRequest } from "./generate.ts";
import type { LanguageModel, ModelLike } from "./language-model.ts";

describe("LanguageModel", () => {
  it("takes the models of the AI SDK and nothing else", () => {
    expectTypeOf<LanguageModelV2>().toExtend<LanguageModel>();
    expectTypeOf<LanguageModelV3>().toExtend<LanguageModel>();
    expectTypeOf<AnyModel>().toExtend<ModelLike>();
    expectTypeOf<AnyModel>().toExtend<NonNullable<GenerateRequest["model"]>>();
    expectTypeOf<Node<string>>().not.toExtend<ModelLike>();
    expectTypeOf<{ modelId: string }>().not.toExtend<ModelLike>();
    expectTypeOf<LanguageModelV3 & { specificationVersion: "v1" }>().toBeNever();
  });

  it("is what a scripted model is, which the AI SDK takes as its own", () => {
    const model = scriptedModel("x");
    expectTypeOf(model).toExtend<LanguageModel>();
    expectTypeOf(model).toExtend<LanguageModelV3>();
    const older = scriptedModel("x", { specificationVersion: "v2" });
    expectTypeOf(older).toExtend<LanguageModelV2>();
    expectTypeOf(older).not.toExtend<LanguageModelV3>();
  });
});
