using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>Plugins that fail, at each step: the error names layer, plugin and method.</summary>
public class PluginFailureTests
{
    /// <summary>A call, and what the error says of it. The failures of each come as a status (or a null) and as an exception.</summary>
    private static readonly (string Call, string Method, bool Status)[] Building =
    [
        ("outputs", "IPluginV3OneBuild::getNbOutputs", false),
        ("types", "IPluginV3OneBuild::getOutputDataTypes", true),
        ("clone", "IPluginV3::clone", true),
        ("name", "IPluginV3OneCore::getPluginName", false),
        ("shapes", "IPluginV3OneBuild::getOutputShapes", true),
        ("supports", "IPluginV3OneBuild::supportsFormatCombination", false),
        ("limit", "IPluginV3OneBuild::getFormatCombinationLimit", false),
        ("configure", "IPluginV3OneBuild::configurePlugin", true),
        ("workspace", "IPluginV3OneBuild::getWorkspaceSize", false),
        ("tactics", "IPluginV3OneBuild::getNbTactics", false),
        ("fields", "IPluginV3OneRuntime::getFieldsToSerialize", false),
    ];

    private static readonly (string Call, string Method, bool Status)[] Running =
    [
        ("create", "IPluginCreatorV3One::createPlugin", true),
        ("attach", "IPluginV3OneRuntime::attachToContext", true),
        ("tactic", "IPluginV3OneRuntime::setTactic", true),
        ("change", "IPluginV3OneRuntime::onShapeChange", true),
        ("enqueue", "IPluginV3OneRuntime::enqueue", true),
    ];

    public static TheoryData<string, string, bool, bool> BuildSteps => Steps(Building);

    public static TheoryData<string, string, bool, bool> RunSteps => Steps(Running);

    [Theory]
    [MemberData(nameof(BuildSteps))]
    public void AFailureInTheBuildNamesThePlugin(string call, string method, bool throws, bool direct)
    {
        CallLog log = new() { Fails = call, Throws = throws };
        using PluginRig rig = new(direct);
        TensorRtException error = Assert.Throws<TensorRtException>(() => rig.Build(network => PluginV3Tests.Scale(network, [2], new ScalePlugin(log, 2))));
        Says(rig, error, call, method, throws);

        // What was cloned is gone; the user's own is left.
        Assert.Equal(1, log.Alive);
    }

    [Theory]
    [MemberData(nameof(RunSteps))]
    public void AFailureInARunNamesThePlugin(string call, string method, bool throws, bool direct)
    {
        CallLog log = new();
        using (PluginRig rig = new(direct))
        {
            byte[] plan = rig.Build(network => PluginV3Tests.Scale(network, [2], new ScalePlugin(log, 2)));
            log.Fails = call;
            log.Throws = throws;
            TensorRtException error = Assert.Throws<TensorRtException>(() =>
            {
                using IExecutionContext context = rig.Load(plan, new ScaleCreator(log)).CreateExecutionContext();
                PluginRig.Run<float>(context, [("x", [2], new float[2])], "y");
            });
            Says(rig, error, call, method, throws);
        }

        Assert.Equal(1, log.Alive);
    }

    [Fact]
    public void AContextRunsAgainAfterAFailure()
    {
        CallLog log = new();
        using PluginRig rig = new(direct: true);
        byte[] plan = rig.Build(network => PluginV3Tests.Scale(network, [2], new ScalePlugin(log, 2)));
        using IExecutionContext context = rig.Load(plan, new ScaleCreator(log)).CreateExecutionContext();
        foreach (string call in (string[])["change", "enqueue"])
        {
            log.Fails = call;
            Assert.Throws<TensorRtException>(() => PluginRig.Run<float>(context, [("x", [2], new float[2])], "y"));
            log.Fails = null;
            Assert.Equal([3f, 5], PluginRig.Run<float>(context, [("x", [2], new float[] { 1, 2 })], "y")[0].Values);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AMissingCreatorIsOneErrorThatNamesIt(bool direct)
    {
        CallLog log = new();
        using PluginRig rig = new(direct);
        byte[] plan = rig.Build(network => PluginV3Tests.Scale(network, [2], new ScalePlugin(log, 2)));
        TensorRtException error = Assert.Throws<TensorRtException>(() => rig.Load(plan));
        const string text = "IRuntime::deserializeCudaEngine: Error Code 1: Serialization (scaled: cannot deserialize plugin Scale, version: 3, namespace: \"tests\": its creator is not in the plugin registry.";
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Contains(text, Assert.Single(rig.Log.Errors), StringComparison.Ordinal);
    }

    private static TheoryData<string, string, bool, bool> Steps((string Call, string Method, bool Status)[] steps)
    {
        TheoryData<string, string, bool, bool> data = [];
        foreach ((string call, string method, bool status) in steps)
        {
            foreach (bool throws in status ? (bool[])[true, false] : [true])
            {
                data.Add(call, method, throws, true);
                data.Add(call, method, throws, false);
            }
        }

        return data;
    }

    private static void Says(PluginRig rig, TensorRtException error, string call, string method, bool throws)
    {
        string line = rig.Log.Errors.Last(text => text.Contains(method, StringComparison.Ordinal));
        Assert.Contains(line, error.Message, StringComparison.Ordinal);
        Assert.Contains("Error Code ", line, StringComparison.Ordinal);

        // Without its name, the plugin goes by its class.
        Assert.Contains(call == "name" ? "Plugin" : "Scale, version: 3, namespace: \"tests\"", line, StringComparison.Ordinal);
        if (throws)
        {
            Assert.Contains($"{call} does not want to", line, StringComparison.Ordinal);
            Exception deepest = error;
            while (deepest.InnerException is { } inner)
            {
                deepest = inner;
            }

            Assert.IsType<InvalidOperationException>(deepest);
        }
    }
}
