using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>Which release takes which plan, and that every refusal names both and a remedy.</summary>
[Collection(RtxCollection.Name)]
public sealed class PlanFitTests
{
    private const string Plan = "The plan was built by TensorRT 8.6.0.12";

    [Theory]
    [InlineData("8.6.0.12", Flavour.TensorRT, "8.6.0.12", PlanVerdict.Fits, "")]
    [InlineData("8.6.0.12", Flavour.LeanRuntime, "8.6.0.12", PlanVerdict.Depends, "BuilderFlag.VersionCompatible")]
    [InlineData("8.6.0.12", Flavour.TensorRT, "8.6.1.6", PlanVerdict.Depends, "LoadRuntime(\"")]
    [InlineData("8.6.0.12", Flavour.TensorRT, "10.16.1.11", PlanVerdict.Depends, "LoadRuntime(\"")]
    [InlineData("8.6.0.12", Flavour.LeanRuntime, "10.16.1.11", PlanVerdict.Depends, "LoadRuntime(\"")]
    [InlineData("8.6.0.12", Flavour.DispatchRuntime, "10.16.1.11", PlanVerdict.Depends, "LoadRuntime(\"")]
    [InlineData("8.6.0.12", Flavour.TensorRT, "11.4.0.1", PlanVerdict.Refused, "as the library itself")]
    [InlineData("10.3.0.26", Flavour.TensorRT, "11.4.0.1", PlanVerdict.Depends, "LoadRuntime(\"")]
    [InlineData("10.3.0.26", Flavour.TensorRT, "10.2.0.19", PlanVerdict.Refused, "no release runs plans of a later one")]
    [InlineData("10.3.0.26", Flavour.LeanRuntime, "8.6.0.12", PlanVerdict.Refused, "Load TensorRT 10.3.0 or later")]
    [InlineData("8.5.3.1", Flavour.TensorRT, "8.6.1.6", PlanVerdict.Refused, "version-compatible plans began with 8.6")]
    [InlineData("8.6.0.12", Flavour.TensorRTRtx, "1.6.1.120", PlanVerdict.Refused, "another product")]
    [InlineData("8.6.0.12", Flavour.Cpu, "0.1.0", PlanVerdict.Refused, "only plans that it built itself")]
    public void Rules(string plan, Flavour flavour, string version, PlanVerdict verdict, string says)
    {
        PlanHead head = PlanHead.Read(PlanHeadTests.MadePlan(Version.Parse(plan)));
        string library = flavour + " " + version;

        PlanFit fit = PlanFitting.Judge(head, flavour, Version.Parse(version), library, device: null);

        Assert.Equal(verdict, fit.Verdict);
        if (verdict == PlanVerdict.Fits)
        {
            Assert.Empty(fit.Text);
            return;
        }

        Assert.StartsWith($"The plan was built by TensorRT {plan}", fit.Text, StringComparison.Ordinal);
        Assert.Contains(library, fit.Text, StringComparison.Ordinal);
        Assert.Contains(says, fit.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Plan_with_a_lean_runtime_asks_for_permission()
    {
        PlanHead head = PlanHead.Read(LeanFiles.Plan("lenet.vc")) with { Path = null };
        TensorRtLibrary ten = TensorRt.Load(LeanFiles.Library(10));

        PlanFit fit = head.FitFor(ten);

        Assert.Equal(PlanVerdict.Depends, fit.Verdict);
        Assert.StartsWith($"{Plan} with a lean runtime inside, which {ten} starts only when IRuntime.EngineHostCodeAllowed is set", fit.Text, StringComparison.Ordinal);
        head.CheckFor(ten);

        TensorRtLibrary eleven = TensorRt.Load(LeanFiles.Library(11));
        TensorRtException refused = Assert.Throws<TensorRtException>(() => head.CheckFor(eleven));
        Assert.StartsWith($"{Plan}, and {eleven} takes plans from 10.0 on only", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Plans_of_other_products_are_refused()
    {
        TensorRtLibrary cpu = TinyNetwork.Cpu();
        TensorRtLibrary rtx = RtxLibrary.Load();

        PlanFit ofCpu = PlanHead.Read(TinyNetwork.Build(cpu)).FitFor(rtx);
        PlanFit ofRtx = PlanHead.Read(TinyNetwork.Build(rtx)).FitFor(cpu);

        Assert.Equal(PlanVerdict.Refused, ofCpu.Verdict);
        Assert.Equal($"The plan was built by CPU runtime 0.1.0 and {rtx} runs plans for GPUs only. Build the model again with it, or load the CPU runtime (Flavour.Cpu).", ofCpu.Text);
        Assert.Equal(PlanVerdict.Refused, ofRtx.Verdict);
        Assert.Equal($"The plan was built by {rtx} for a GPU, and {cpu} runs only plans that it built itself. Build the model again with it, or load TensorRT-RTX {rtx.Version.ToString(3)} on a machine with a GPU.", ofRtx.Text);
    }

    [SkippableFact]
    public void Plan_of_another_RTX_release_depends()
    {
        PlanHead head = PlanHead.Read(TinyNetwork.Build(RtxLibrary.Load()));

        PlanFit fit = PlanFitting.Judge(head, Flavour.TensorRTRtx, new Version(1, 9, 0, 3), "TensorRT-RTX 1.9.0.3", device: null);

        Assert.Equal(PlanVerdict.Depends, fit.Verdict);
        Assert.Contains("Build the model again with TensorRT-RTX 1.9.0.3, or load TensorRT-RTX ", fit.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Plan_for_another_GPU_names_both()
    {
        PlanHead head = PlanHead.Read(LeanFiles.Plan("lenet.fp32"));

        Assert.Equal(PlanVerdict.Fits, PlanFitting.Judge(head, Flavour.TensorRT, head.Release!, "TensorRT", ("cuda:0 (H100)", new Version(9, 0))).Verdict);
        PlanFit fit = PlanFitting.Judge(head, Flavour.TensorRT, head.Release!, "TensorRT", ("cuda:0 (A10)", new Version(8, 6)));

        Assert.Equal(PlanVerdict.Depends, fit.Verdict);
        Assert.EndsWith("was built by TensorRT 8.6.0.12 on a GPU of compute capability 9.0, and cuda:0 (A10) has 8.6: it runs there only if it was built for other GPUs too (IBuilderConfig.HardwareCompatibilityLevel). Otherwise build the model again on that GPU.", fit.Text, StringComparison.Ordinal);
        PlanFit both = PlanFitting.Judge(head, Flavour.LeanRuntime, head.Release!, "lean", ("cuda:0 (A10)", new Version(8, 6)));
        Assert.Contains("BuilderFlag.VersionCompatible", both.Text, StringComparison.Ordinal);
        Assert.Contains("cuda:0 (A10) has 8.6", both.Text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void RTX_plan_for_other_targets_is_refused()
    {
        TensorRtLibrary rtx = RtxLibrary.Load();
        PlanHead head = PlanHead.Read(TinyNetwork.Build(rtx));

        Assert.Equal(PlanVerdict.Fits, PlanFitting.Judge(head, Flavour.TensorRTRtx, rtx.Version, rtx.ToString(), ("cuda:0", new Version(8, 6))).Verdict);
        PlanFit fit = PlanFitting.Judge(head, Flavour.TensorRTRtx, rtx.Version, rtx.ToString(), ("cuda:0 (RTX 5090)", new Version(12, 0)));

        Assert.Equal(PlanVerdict.Refused, fit.Verdict);
        Assert.Contains("for compute capability 8.6, and cuda:0 (RTX 5090) has 12.0. Build the model again on that GPU", fit.Text, StringComparison.Ordinal);
    }
}
