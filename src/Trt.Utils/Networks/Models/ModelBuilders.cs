namespace Trt.Utils;

/// <summary>The architectures that are known, to find the one that a checkpoint is of.</summary>
public static class ModelBuilders
{
    /// <summary>All builders, each with its default settings; the first that recognises a checkpoint is the one.</summary>
    public static IReadOnlyList<IModelBuilder> All { get; } = [new RetinaNet(), new ResNet(), new UNet(), new TransformerEncoder(), new CharacterLstm(), new LeNet()];

    /// <summary>The builder for a checkpoint.</summary>
    /// <param name="weights">A checkpoint.</param>
    /// <returns>Null when no builder recognises it.</returns>
    public static IModelBuilder? Find(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return All.FirstOrDefault(builder => builder.Recognises(weights));
    }
}
