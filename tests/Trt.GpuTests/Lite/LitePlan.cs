namespace Trt.GpuTests;

/// <summary>A plan as Lite is given it.</summary>
/// <param name="Plan">Its name.</param>
/// <param name="Rows">Samples of the golden's runs, where the model has a batch.</param>
/// <param name="FullRows">Samples of the longest run.</param>
/// <param name="Runs">Runs of a block when throughput is measured.</param>
internal sealed record LitePlan(string Plan, int Rows, int FullRows, int Runs)
{
    public static IReadOnlyList<LitePlan> All { get; } =
    [
        new("lenet.vc_excl", 20, 32, 64),
        new("unet.vc_excl", 8, 8, 24),
        new("charrnn.vc_excl", 1, 1, 16),
        new("shapes_retinanet.vc_excl", 1, 1, 8),
    ];
}
