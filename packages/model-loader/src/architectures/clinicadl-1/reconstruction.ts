/** Networks of ClinicaDL 1.x that give an image back. They are refused by their names. */
export const reconstructionNetworks: readonly string[] = [
  "AE_Conv5_FC3",
  "AE_Conv4_FC3",
  "CAE_half",
  "GeneratorUNet",
  "CVAE_3D",
  "CVAE_3D_half",
  "CVAE_3D_final_conv",
  "VanillaDenseVAE",
  "VanillaSpatialVAE",
  "Vanilla3DVAE",
  "Vanilla3DspacialVAE",
  "Vanilla3DdenseVAE",
];
