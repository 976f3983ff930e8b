using System.Text.Json;
using Trt.Interop.Tests.Libraries;
using Trt.Tests.Goldens;
using Xunit;

namespace Trt.Interop.Tests.Rtx;

/// <summary>Every small network through the bindings: NVIDIA's library must answer as it answered a caller that shares nothing with them.</summary>
[Collection(RtxCollection.Name)]
public sealed class LayerGoldenTests
{
    /// <summary>Cases that the bindings refuse before the library sees them, with what they say instead.</summary>
    private static readonly Dictionary<string, (Type Exception, string Says)> RefusedByBindings = new()
    {
        ["wrong_activation_unknown_type"] = (typeof(NotInThisReleaseException), "ActivationType"),
        ["wrong_input_rank_9"] = (typeof(ArgumentOutOfRangeException), "8"),
        ["wrong_input_name_null"] = (typeof(ArgumentNullException), "name"),
    };

    public static TheoryData<string> Categories => [.. GoldenFiles.Cases.Values.Select(Category).Distinct()];

    [SkippableTheory]
    [MemberData(nameof(Categories))]
    public void Library_answers_as_the_golden(string category)
    {
        CaseRunner runner = Runner(RtxLibrary.LoadGoldenRelease());
        List<string> differences = [];
        foreach ((string id, JsonElement test) in GoldenFiles.Cases.Where(one => Category(one.Value) == category && !RefusedByBindings.ContainsKey(one.Key)))
        {
            differences.AddRange(RtxGolden.Differences(id, GoldenFiles.Rtx[id], runner.Run(test)));
        }

        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
    }

    [SkippableTheory]
    [InlineData("wrong_activation_unknown_type")]
    [InlineData("wrong_input_rank_9")]
    [InlineData("wrong_input_name_null")]
    public void Bindings_refuse_what_no_release_could_take(string id)
    {
        (Type type, string says) = RefusedByBindings[id];
        CaseResult result = Runner(RtxLibrary.Load()).Run(GoldenFiles.Cases[id]);

        Assert.Equal("refused_add", result.Status);
        Assert.True(result.IsArgument, $"The library was asked, and said: {result.Failure}");
        Assert.IsType(type, result.Error);
        Assert.Contains(says, result.Error is NotInThisReleaseException missing ? missing.Name : result.Failure, StringComparison.Ordinal);
    }

    private static CaseRunner Runner(TensorRtLibrary library) => new(library.CreateInferBuilder, createRuntime: null)
    {
        NetworkFlags = _ => [NetworkDefinitionCreationFlag.StronglyTyped],
        Configure = RtxLibrary.Target,
    };

    private static string Category(JsonElement test) => test.GetProperty("category").GetString()!;
}
