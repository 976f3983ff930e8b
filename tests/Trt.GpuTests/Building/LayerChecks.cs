using System.Text.Json;
using Trt.Cpu.Tests.Goldens;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Tests.Goldens;

namespace Trt.GpuTests;

/// <summary>
/// Small networks as C++ calls, built and run by NVIDIA's builder: 8.6 must answer as 8.6.0 did, refusals included; later releases as 8.6.0 or, where today's rules
/// are others, as TensorRT-RTX.
/// </summary>
internal sealed class LayerChecks(PartContext run)
{
    public void Run()
    {
        TestDevice.Current = run.Device;
        TestDevice.Copies = true;
        TensorRtLibrary library = run.Library;
        bool old = library.Version.Major < 10 && library.Flavour == Flavour.TensorRT;
        foreach ((string id, JsonElement test) in GoldenFiles.Cases.Where(one => !run.Done.Contains(one.Key)))
        {
            run.Checks.That(id, () =>
            {
                JsonElement full = GoldenFiles.TensorRt86[id];
                if (old)
                {
                    return LayerGoldens.CompareWithItself(test, Old(library, full).Run(Retyped(test, full)), full);
                }

                CaseResult result = new CaseRunner(library.CreateInferBuilder, library.CreateInferRuntime).Run(test);
                return result.Status == "na" ? throw new MissingException(result.Failure!) : LayerGoldens.Compare(test, result, full, GoldenFiles.Rtx[id]);
            });
        }
    }

    /// <summary>As 8.6.0 was asked: networks are weakly typed, and get a profile where it wants one though all shapes are fixed.</summary>
    private static CaseRunner Old(TensorRtLibrary library, JsonElement golden) => new(library.CreateInferBuilder, library.CreateInferRuntime)
    {
        NetworkFlags = _ => [NetworkDefinitionCreationFlag.ExplicitBatch],
        Prepare = (builder, network, config) =>
        {
            if (!golden.TryGetProperty("profile_added", out _))
            {
                return;
            }

            IOptimizationProfile profile = builder.CreateOptimizationProfile();
            for (int i = 0; i < network.NbInputs; i++)
            {
                ITensor input = network.GetInput(i);
                foreach (OptProfileSelector point in (OptProfileSelector[])[OptProfileSelector.Min, OptProfileSelector.Opt, OptProfileSelector.Max])
                {
                    profile.SetDimensions(input.Name, point, input.Dimensions);
                }
            }

            config.AddOptimizationProfile(profile);
        },
    };

    /// <summary>The case with the types of inputs that 8.6.0 was given in place of those that it lacks.</summary>
    private static JsonElement Retyped(JsonElement test, JsonElement golden)
    {
        if (!golden.TryGetProperty("retyped", out JsonElement types))
        {
            return test;
        }

        System.Text.Json.Nodes.JsonNode changed = System.Text.Json.Nodes.JsonNode.Parse(test.GetRawText())!;
        foreach (System.Text.Json.Nodes.JsonNode? input in changed["inputs"]!.AsArray())
        {
            if (types.TryGetProperty(input!["name"]!.GetValue<string>(), out JsonElement type))
            {
                input["type"] = type.GetString();
            }
        }

        return JsonSerializer.SerializeToElement(changed);
    }
}
