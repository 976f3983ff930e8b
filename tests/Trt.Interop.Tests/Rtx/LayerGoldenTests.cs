using Trt.Interop.Tests.Libraries;
using Trt.Tests.Goldens;
using Xunit;

namespace Trt.Interop.Tests.Rtx;

/// <summary>Every small network through the bindings: NVIDIA's library must answer as it answered a caller that shares nothing with them.</summary>
[Collection(RtxCollection.Name)]
public sealed class LayerGoldenTests
{
    private static readonly Lazy<Dictionary<string, CaseOutcome>> Goldens = new(() => GoldenOutcome.Read("layers_rtx-1.6.1_nogpu.json.gz"));

    /// <summary>Cases that the bindings refuse before the library sees them, with what they say instead.</summary>
    private static readonly Dictionary<string, (Type Exception, string Says)> RefusedByBindings = new()
    {
        ["wrong_activation_unknown_type"] = (typeof(NotInThisReleaseException), "ActivationType"),
        ["wrong_input_rank_9"] = (typeof(ArgumentOutOfRangeException), "8"),
        ["wrong_input_name_null"] = (typeof(ArgumentNullException), "name"),
    };

    public static TheoryData<string> Categories => [.. GoldenCase.All.Select(one => one.Category).Distinct()];

    [SkippableTheory]
    [MemberData(nameof(Categories))]
    public void Library_answers_as_the_golden(string category)
    {
        TensorRtLibrary library = RtxLibrary.LoadGoldenRelease();
        CaseRunner runner = new(library) { Configure = RtxLibrary.Target };
        List<string> differences = [];
        foreach (GoldenCase one in GoldenCase.All.Where(one => one.Category == category && !RefusedByBindings.ContainsKey(one.Id)))
        {
            Compare(Goldens.Value[one.Id], runner.Run(one), differences);
        }

        Assert.True(differences.Count == 0, string.Join(Environment.NewLine, differences));
    }

    [SkippableTheory]
    [InlineData("wrong_activation_unknown_type")]
    [InlineData("wrong_input_rank_9")]
    [InlineData("wrong_input_name_null")]
    public void Bindings_refuse_what_no_release_could_take(string id)
    {
        TensorRtLibrary library = RtxLibrary.Load();
        (Type type, string says) = RefusedByBindings[id];
        CaseRunner runner = new(library) { Configure = RtxLibrary.Target };
        if (type == typeof(NotInThisReleaseException))
        {
            CaseOutcome outcome = runner.Run(GoldenCase.Find(id));
            Assert.Equal("na", outcome.Status);
            Assert.Contains(says, outcome.Refused, StringComparison.Ordinal);
            return;
        }

        Exception exception = Assert.Throws(type, () => runner.Run(GoldenCase.Find(id)));
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
    }

    private static void Compare(CaseOutcome expected, CaseOutcome actual, List<string> differences)
    {
        Same("status", [expected.Status], [actual.Status]);
        Same("refused", [expected.Refused], [actual.Refused]);
        Same("network", expected.Network, actual.Network);
        Same("flags dropped", expected.FlagsDropped, actual.FlagsDropped);
        Same("log", [.. expected.Log.Distinct()], [.. actual.Log.Distinct()]);

        // Setters that answer true are void in C#; what the golden says of getters must come back.
        Same("answers", [.. expected.Answers.Where(answer => !answer.EndsWith("true", StringComparison.Ordinal))], actual.Answers);

        void Same(string what, IReadOnlyList<string> golden, IReadOnlyList<string> ours)
        {
            if (!golden.SequenceEqual(ours))
            {
                differences.Add($"{expected.Id}: {what}{Environment.NewLine}  golden only: {string.Join(" | ", golden.Except(ours))}{Environment.NewLine}  ours only: {string.Join(" | ", ours.Except(golden))}");
            }
        }
    }
}
